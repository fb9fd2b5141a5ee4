package dev.firn.bench.s3;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.bench.measure.BatchDigester;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.Side;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;

/** Firn: the facade as it is opened by default, its scan as Arrow batches. */
final class OurReader implements Reader {
  /** What becomes of each batch. */
  private interface Each {
    void batch(ArrowReader batches) throws IOException;
  }

  @Override
  public Side scan(RemoteTable table, List<String> columns) {
    return watch -> {
      try (Lakehouse lake = Lakehouse.open(table.settings())) {
        LakeTable opened = lake.table(RemoteTable.NAME);
        watch.start();
        read(lake, opened.scan().select(columns), ArrowReader::getVectorSchemaRoot);
        watch.stop();
      }
    };
  }

  @Override
  public Side openAndScan(RemoteTable table) {
    return Side.timed(
        () -> {
          try (Lakehouse lake = Lakehouse.open(table.settings())) {
            read(lake, lake.table(RemoteTable.NAME).scan(), ArrowReader::getVectorSchemaRoot);
          }
        });
  }

  @Override
  public Digest digest(RemoteTable table, List<String> columns) throws IOException {
    BatchDigester digester = new BatchDigester();
    try (Lakehouse lake = Lakehouse.open(table.settings())) {
      read(
          lake,
          lake.table(RemoteTable.NAME).scan().select(columns),
          batches -> digester.add(batches.getVectorSchemaRoot()));
    }
    return digester.digest();
  }

  private static void read(Lakehouse lake, LakeScan scan, Each each) throws IOException {
    try (BufferAllocator allocator = lake.allocator().newChildAllocator("scan", 0, Long.MAX_VALUE);
        ArrowReader batches = scan.openArrow(allocator)) {
      while (batches.loadNextBatch()) {
        each.batch(batches);
      }
    }
  }
}
