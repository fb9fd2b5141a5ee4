package dev.firn.format.parquet.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputCompressor;
import org.apache.parquet.compression.CompressionCodecFactory.BytesInputDecompressor;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/** What is inside a page's compression, out and in again. Confined to one thread. */
final class PageBodies {
  private final CodecFactory codecs = new CodecFactory(new PlainParquetConfiguration(), 1 << 16);

  /** The page's levels and values, uncompressed. */
  byte[] open(ParquetImage.Chunk chunk, ParquetImage.Page page) {
    try {
      CompressionCodecName codec = codec(chunk);
      int levels = levels(page);
      if (codec == CompressionCodecName.UNCOMPRESSED || !compressed(page)) {
        return page.body.clone();
      }
      int length = page.header.getUncompressed_page_size();
      byte[] opened = Arrays.copyOf(page.body, length);
      BytesInputDecompressor decompressor = codecs.getDecompressor(codec);
      if (length > levels) {
        byte[] values =
            decompressor
                .decompress(
                    BytesInput.from(page.body, levels, page.body.length - levels), length - levels)
                .toInputStream()
                .readAllBytes();
        System.arraycopy(values, 0, opened, levels, values.length);
      }
      return opened;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts {@code opened} into the page, with sizes and checksum that fit. */
  void close(ParquetImage.Chunk chunk, ParquetImage.Page page, byte[] opened) {
    try {
      CompressionCodecName codec = codec(chunk);
      int levels = Math.min(levels(page), opened.length);
      if (codec == CompressionCodecName.UNCOMPRESSED || !compressed(page)) {
        page.replace(opened, opened.length);
        return;
      }
      BytesInputCompressor compressor = codecs.getCompressor(codec);
      byte[] values =
          compressor
              .compress(BytesInput.from(opened, levels, opened.length - levels))
              .toInputStream()
              .readAllBytes();
      byte[] stored = Arrays.copyOf(opened, levels + values.length);
      System.arraycopy(values, 0, stored, levels, values.length);
      page.replace(stored, opened.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static CompressionCodecName codec(ParquetImage.Chunk chunk) {
    return CompressionCodecName.valueOf(chunk.meta.getCodec().name());
  }

  private static boolean compressed(ParquetImage.Page page) {
    DataPageHeaderV2 second = page.header.getData_page_header_v2();
    return second == null || !second.isSetIs_compressed() || second.isIs_compressed();
  }

  /** Bytes before the compressed ones: the levels of the second page version. */
  private static int levels(ParquetImage.Page page) {
    DataPageHeaderV2 second = page.header.getData_page_header_v2();
    return second == null
        ? 0
        : second.getDefinition_levels_byte_length() + second.getRepetition_levels_byte_length();
  }
}
