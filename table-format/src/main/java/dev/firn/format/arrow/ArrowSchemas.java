package dev.firn.format.arrow;

import org.apache.iceberg.Schema;

/** Iceberg schemas as Arrow schemas, both ways. SKELETON. */
public final class ArrowSchemas {
  private ArrowSchemas() {}

  /** Field ids are kept in Arrow field metadata under {@code PARQUET:field_id}. */
  public static org.apache.arrow.vector.types.pojo.Schema toArrow(Schema schema) {
    throw new UnsupportedOperationException(schema.toString());
  }

  /** Fresh ids are assigned where the fields carry none. */
  public static Schema fromArrow(org.apache.arrow.vector.types.pojo.Schema schema) {
    throw new UnsupportedOperationException(schema.toString());
  }
}
