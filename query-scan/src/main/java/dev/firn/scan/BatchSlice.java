package dev.firn.scan;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.TransferPair;

/** Parts of batches, which share their memory. Stateless. */
final class BatchSlice {
  private BatchSlice() {}

  /** The rows {@code [from, from + rows)}; the caller closes them, and the batch. */
  static VectorSchemaRoot of(VectorSchemaRoot batch, int from, int rows) {
    List<FieldVector> vectors = new ArrayList<>();
    for (FieldVector vector : batch.getFieldVectors()) {
      TransferPair pair = vector.getTransferPair(vector.getAllocator());
      pair.splitAndTransfer(from, rows);
      vectors.add((FieldVector) pair.getTo());
    }
    return new VectorSchemaRoot(batch.getSchema(), vectors, rows);
  }

  /** Takes the batch's vectors away from it, to {@code allocator}; the caller closes them. */
  static VectorSchemaRoot taken(VectorSchemaRoot batch, BufferAllocator allocator) {
    List<FieldVector> vectors = new ArrayList<>();
    for (FieldVector vector : batch.getFieldVectors()) {
      TransferPair pair = vector.getTransferPair(allocator);
      pair.transfer();
      vectors.add((FieldVector) pair.getTo());
    }
    return new VectorSchemaRoot(batch.getSchema(), vectors, batch.getRowCount());
  }
}
