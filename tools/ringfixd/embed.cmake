# Writes a file's bytes as C: cmake -DINPUT=FILE -DOUTPUT=FILE.c -P embed.cmake
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "((0x..,){20})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"page.h\"\n\nconst unsigned char page[] = {\n${bytes}\n};\nconst size_t page_size = sizeof page;\n")
