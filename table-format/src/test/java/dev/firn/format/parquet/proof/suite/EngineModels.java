package dev.firn.format.parquet.proof.suite;

import org.apache.iceberg.avro.AvroFormatModel;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.avro.DataWriter;
import org.apache.iceberg.data.avro.PlannedDataReader;
import org.apache.iceberg.data.orc.GenericOrcReader;
import org.apache.iceberg.data.orc.GenericOrcWriter;
import org.apache.iceberg.formats.FormatModelRegistry;
import org.apache.iceberg.orc.ORCFormatModel;

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
    FormatModelRegistry.register(
        new BoxedModel<>(
            AvroFormatModel.create(
                Record.class,
                Void.class,
                (schema, stored, engine) -> DataWriter.create(stored),
                (schema, stored, engine, constants) ->
                    PlannedDataReader.create(schema, constants))));
    FormatModelRegistry.register(
        new BoxedModel<>(
            ORCFormatModel.create(
                Record.class,
                Void.class,
                (schema, stored, engine) -> GenericOrcWriter.buildWriter(schema, stored),
                (schema, stored, engine, constants) ->
                    GenericOrcReader.buildReader(schema, stored, constants))));
  }
}
