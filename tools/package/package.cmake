# Manuals, the systemd unit, and two Debian packages: `cpack` in a build directory makes them.
set(pages "")
# rfx_manual(PROGRAM SECTION WHAT-IT-DOES SEE-ALSO [COMMAND...])
function(rfx_manual name section what also)
  set(file ${PROJECT_BINARY_DIR}/man/${name}.${section})
  add_custom_command(OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
    COMMAND sh ${PROJECT_SOURCE_DIR}/tools/package/manpage.sh $<TARGET_FILE:${name}> ${section}
      ${PROJECT_VERSION} ${what} ${also} ${ARGN} > ${file}
    DEPENDS ${name} ${PROJECT_SOURCE_DIR}/tools/package/manpage.sh VERBATIM)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT programs)
  set(pages ${pages} ${file} PARENT_SCOPE)
endfunction()
rfx_manual(ringfixd 8 "hosts FIX sessions" "ringfix-ctl(1), ringfix-journal(1)")
rfx_manual(ringfix-ctl 1 "shows and steers a running ringfixd" "ringfixd(8), ringfix-journal(1)")
rfx_manual(ringfix-journal 1 "shows, checks and edits a FIX journal" "ringfixd(8), ringfix-ctl(1)"
  sessions show raw tail verify stat export import set-seq reset compact backup discard-tail)
rfx_manual(ringfix-cat 1 "prints FIX messages with their fields explained"
  "ringfix-journal(1), ringfixd(8)")
rfx_manual(ringfix-dict 1 "checks, converts, compares and shows FIX dictionaries" "ringfixd(8)")
rfx_manual(ringfix-loadgen 1 "puts FIX acceptors under load" "ringfixd(8)")
add_custom_target(manuals ALL DEPENDS ${pages})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ringfix)
set(CPACK_PACKAGE_CONTACT "the ringfix authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "FIX session server")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL programs development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME ringfix)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_RECOMMENDS tzdata)
set(CPACK_DEBIAN_PROGRAMS_DESCRIPTION "FIX session server
Hosts counterparty FIX sessions over io_uring with a journal that loses no
sequence number; with tools to steer it, to look into its journal and to
put it under load.")
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_CONTROL_EXTRA
  ${PROJECT_BINARY_DIR}/package/conffiles ${CMAKE_CURRENT_LIST_DIR}/postinst
  ${CMAKE_CURRENT_LIST_DIR}/prerm ${CMAKE_CURRENT_LIST_DIR}/postrm)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libringfix-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
  "liburing-dev, liblmdb-dev, libexpat1-dev, libssl-dev, libjemalloc-dev")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "FIX session server, for programs of your own
The static library behind ringfixd, its headers, examples and documentation.")
file(WRITE ${PROJECT_BINARY_DIR}/package/conffiles "/etc/ringfix/ringfixd.cfg\n")
file(CHMOD ${PROJECT_BINARY_DIR}/package/conffiles
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# What belongs to a system, not to a prefix of somebody's own: `cpack` alone installs it.
install(FILES ${CMAKE_CURRENT_LIST_DIR}/ringfixd.service
  DESTINATION /usr/lib/systemd/system COMPONENT programs EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/sysusers.conf RENAME ringfix.conf
  DESTINATION /usr/lib/sysusers.d COMPONENT programs EXCLUDE_FROM_ALL)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/ringfixd.cfg
  DESTINATION /etc/ringfix COMPONENT programs EXCLUDE_FROM_ALL)
include(CPack)
