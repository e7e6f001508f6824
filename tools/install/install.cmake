# What `cmake --install` puts where; see docs/linking.md.
include(CMakePackageConfigHelpers)

install(TARGETS ringfixd ringfix-ctl ringfix-journal ringfix-cat ringfix-dict ringfix-loadgen COMPONENT programs)
install(DIRECTORY include/ringfix DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development)
file(GLOB dictionaries dict/*.dict)
install(FILES ${dictionaries} DESTINATION ${CMAKE_INSTALL_DATADIR}/ringfix COMPONENT programs)
file(GLOB texts docs/*.md docs/*.png)
install(FILES ${texts} README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
file(GLOB examples examples/*.c)
install(FILES ${examples} DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
  COMPONENT development)

get_property(libraries GLOBAL PROPERTY RFX_PUBLIC_LIBRARIES)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ringfix)
configure_package_config_file(tools/install/ringfix-config.cmake.in
  ${PROJECT_BINARY_DIR}/ringfix-config.cmake
  INSTALL_DESTINATION ${package}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ringfix-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ringfix-config.cmake
  ${PROJECT_BINARY_DIR}/ringfix-config-version.cmake DESTINATION ${package}
  COMPONENT development)

# A .pc file finds its prefix by its own place, so that the tree may be moved.
string(REGEX REPLACE "[^/]+" ".." up ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
foreach(library IN LISTS libraries)
  configure_file(tools/install/ringfix.pc.in ${PROJECT_BINARY_DIR}/${library}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${library}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
    COMPONENT development)
  install(FILES $<TARGET_FILE:${library}> DESTINATION ${CMAKE_INSTALL_LIBDIR}
    COMPONENT development)
endforeach()
