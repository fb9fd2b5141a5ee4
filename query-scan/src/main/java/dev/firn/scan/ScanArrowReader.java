package dev.firn.scan;

import dev.firn.format.arrow.ArrowSchemas;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The batches of a scan in one root that it owns: each batch's vectors are moved into it, so
 * whoever retains their buffers may keep them. Confined to one thread. Owns the batches.
 */
final class ScanArrowReader extends ArrowReader {
  private final org.apache.iceberg.Schema schema;
  private final BatchCursor batches;
  private long bytes;

  ScanArrowReader(
      org.apache.iceberg.Schema schema, BatchCursor batches, BufferAllocator allocator) {
    super(allocator);
    this.schema = schema;
    this.batches = batches;
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    ensureInitialized();
    VectorSchemaRoot root = getVectorSchemaRoot();
    root.clear();
    if (!batches.next()) {
      return false;
    }
    move(batches.root(), root);
    for (FieldVector vector : root.getFieldVectors()) {
      bytes += vector.getBufferSize();
    }
    return true;
  }

  private static void move(VectorSchemaRoot from, VectorSchemaRoot to) {
    int rows = from.getRowCount();
    List<FieldVector> sources = from.getFieldVectors();
    for (int i = 0; i < sources.size(); i++) {
      sources.get(i).makeTransferPair(to.getVector(i)).transfer();
    }
    to.setRowCount(rows);
  }

  /**
   * Returns the bytes of the batches filled so far: what the scan produced, not what it fetched.
   */
  @Override
  public long bytesRead() {
    return bytes;
  }

  @Override
  protected void closeReadSource() {
    batches.close();
  }

  @Override
  protected Schema readSchema() {
    return ArrowSchemas.toArrow(schema);
  }
}
