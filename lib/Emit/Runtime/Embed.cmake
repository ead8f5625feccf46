# cmake -DINPUT=<file> -DOUTPUT=<file> -P Embed.cmake: the bytes of a file as a list of C numbers, to be #included.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "${bytes}\n")
