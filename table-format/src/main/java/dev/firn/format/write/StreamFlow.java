package dev.firn.format.write;

import java.io.IOException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.PartitionKey;

/** Rows to the one open file, as they come: no partitions, no order. Confined to one thread. */
final class StreamFlow implements BatchFlow {
  private final WriteLimits limits;
  private final RollingFile file;

  StreamFlow(FileSink files, WriteLimits limits, PartitionKey none) {
    this.limits = limits;
    this.file = new RollingFile(files, none);
  }

  @Override
  public void add(VectorSchemaRoot rows) throws IOException {
    file.write(rows, 0, rows.getRowCount(), this::relieve);
  }

  private void relieve() throws IOException {
    if (file.memory() > limits.soleFileBytes()) {
      file.shed();
    }
  }

  @Override
  public void finish() throws IOException {
    file.finish();
  }

  @Override
  public long pendingBytes() {
    return file.length();
  }

  @Override
  public void abandon() {
    file.abandon();
  }
}
