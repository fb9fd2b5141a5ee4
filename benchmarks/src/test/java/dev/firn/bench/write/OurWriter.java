package dev.firn.bench.write;

import dev.firn.bench.measure.Stopwatch;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import java.nio.file.Path;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetricsConfig;

/** Firn's Parquet writer, fed with the batches as they are. */
final class OurWriter {
  private final Batches batches;
  private final ParquetSettings settings;
  private final BufferAllocator allocator;

  OurWriter(Batches batches, Map<String, String> properties, BufferAllocator allocator) {
    this.batches = batches;
    this.settings = ParquetSettings.of(properties, MetricsConfig.getDefault());
    this.allocator = allocator;
  }

  void write(Path file, Stopwatch watch) {
    watch.start();
    try (ParquetWriter writer =
        ParquetWriter.create(
            Files.localOutput(file.toFile()), batches.dataset().schema(), settings, allocator)) {
      for (VectorSchemaRoot batch : batches.all()) {
        writer.write(batch);
      }
      writer.finish();
    }
    watch.stop();
  }
}
