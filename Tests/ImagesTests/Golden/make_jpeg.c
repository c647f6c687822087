// Writes the JPEG kinds that Pillow cannot: arithmetic coding, unusual sampling, YCCK, plain RGB.
// cc make_jpeg.c -ljpeg -o make_jpeg && ./make_jpeg KIND FILE; make_golden.py calls it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

int main(int argc, char **argv) {
  if (argc != 3) return 1;
  const char *kind = argv[1];
  FILE *file = fopen(argv[2], "wb");
  if (!file) return 1;
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_stdio_dest(&info, file);
  int four = !strcmp(kind, "ycck") || !strcmp(kind, "cmyk");
  info.image_width = 37;
  info.image_height = 29;
  info.input_components = four ? 4 : 3;
  info.in_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_set_defaults(&info);
  if (!strcmp(kind, "ycck")) jpeg_set_colorspace(&info, JCS_YCCK);
  if (!strcmp(kind, "rgb")) jpeg_set_colorspace(&info, JCS_RGB);
  if (!strcmp(kind, "440")) info.comp_info[0].h_samp_factor = 1;
  if (!strcmp(kind, "411")) {
    info.comp_info[0].h_samp_factor = 4;
    info.comp_info[0].v_samp_factor = 1;
  }
  if (!strcmp(kind, "410")) info.comp_info[0].h_samp_factor = 4;
  if (!strcmp(kind, "arithmetic")) info.arith_code = TRUE;
  if (!strcmp(kind, "arithmetic-progressive")) {
    info.arith_code = TRUE;
    jpeg_simple_progression(&info);
  }
  jpeg_set_quality(&info, 80, TRUE);
  jpeg_start_compress(&info, TRUE);
  unsigned state = 1;
  while (info.next_scanline < info.image_height) {
    unsigned char row[37 * 4];
    for (int i = 0; i < 37 * info.input_components; i++) {
      state = state * 1664525u + 1013904223u;
      row[i] = (unsigned char)(i * 3 + info.next_scanline * 7 + (state >> 27));
    }
    JSAMPROW rows[] = {row};
    jpeg_write_scanlines(&info, rows, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return fclose(file);
}
