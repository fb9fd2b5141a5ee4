package dev.firn.format.parquet.proof.suite;

import org.apache.iceberg.FileFormat;
import org.apache.iceberg.formats.FormatModelRegistry;

/** The engine's models in Iceberg's registry: Parquet ours, Avro and ORC Iceberg's own. */
final class EngineModels {
  private static boolean registered;

  private EngineModels() {}

  static synchronized void register() {
    if (registered) {
      return;
    }
    registered = true;
    FormatModelRegistry.register(new FirnParquetModel<>(Boxing.engine()));
    FormatModelRegistry.register(new BoxedModel<>(Registry.generic(FileFormat.AVRO)));
    FormatModelRegistry.register(new BoxedModel<>(Registry.generic(FileFormat.ORC)));
  }
}
