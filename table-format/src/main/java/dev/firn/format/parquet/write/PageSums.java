package dev.firn.format.parquet.write;

import dev.firn.format.parquet.checksum.SumCollector;
import java.io.IOException;
import java.util.List;
import org.apache.parquet.hadoop.metadata.BlockMetaData;

/**
 * Takes the sums of pages as parquet-java writes their headers to the file. Confined to one thread.
 */
final class PageSums {
  private final FileOutput output;
  private final SumCollector sums = new SumCollector();
  private long start;

  PageSums(FileOutput output) {
    this.output = output;
  }

  void startChunk() {
    sums.chunk();
  }

  void startPage() {
    start = output.position();
    output.capture();
  }

  /** Ends a page with a body of {@code length} bytes. */
  void endPage(int length) {
    sums.page(output.captured(), header(length));
  }

  void endDictionary(PageCopy body, int length) {
    sums.dictionary(output.captured(), header(length), body.bytes(), length);
  }

  private int header(int bodyLength) {
    long length = output.position() - start - bodyLength;
    return length > output.capturedMost() ? 0 : (int) length;
  }

  /** What the section takes so far. */
  long bytes() {
    return sums.bytes();
  }

  /** Ends the file that was held back since {@code start}, all of its footer written. */
  void finish(List<BlockMetaData> groups, long start) throws IOException {
    byte[] end = output.held();
    int length = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      length |= (end[end.length - 8 + i] & 0xff) << 8 * i;
    }
    output.finish(sums.seal(groups, end, start, length));
  }
}
