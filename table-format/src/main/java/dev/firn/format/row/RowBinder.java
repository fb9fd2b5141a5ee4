package dev.firn.format.row;

import dev.firn.error.FirnException;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/**
 * Binds a Java record or bean class to a schema, both ways. Immutable and thread-safe.
 *
 * <p>Record components, or bean properties ({@code getX}/{@code isX}, {@code setX}, a constructor
 * without arguments), match columns by name: exactly, or else without regard to case where that
 * names one column. Each must have its column; a column may lack its component, and is then left
 * out when reading, and takes its write default or null when writing.
 *
 * <p>Conversions, nested at any depth: integers of each width, floats and doubles where the value
 * fits exactly; {@code BigDecimal} and {@code BigInteger} where the scale can be adapted exactly;
 * {@code String} and enums (by name); {@code UUID}; {@code LocalDate}, {@code LocalTime}, {@code
 * LocalDateTime}; {@code Instant}, {@code OffsetDateTime} and {@code ZonedDateTime} for timestamps
 * with zone (read back in UTC); {@code byte[]} and {@code ByteBuffer}; {@code Optional}; {@code
 * List}, {@code Set}, {@code Collection} and arrays; {@code Map}; records and beans for structs.
 * Types that can never fit are refused by {@link #of}, values that do not fit as they come: {@link
 * dev.firn.error.ErrorKind#INVALID} with class, component, column and both types.
 */
public final class RowBinder<T> {
  private final Class<T> type;
  private final StructBinding binding;

  private RowBinder(Class<T> type, StructBinding binding) {
    this.type = type;
    this.binding = binding;
  }

  /** Resolves every component and conversion once. */
  public static <T> RowBinder<T> of(Class<T> type, Schema schema) {
    return new RowBinder<>(type, new StructBinding(type, schema.asStruct(), ""));
  }

  /**
   * Returns the Iceberg schema that a Java record's or bean's components imply, ids in order:
   * primitives are required, everything else is optional; {@code BigDecimal} becomes decimal(38,
   * 10), {@code BigInteger} decimal(38, 0), timestamps microseconds.
   */
  public static Schema schemaOf(Class<?> type) {
    return new SchemaInference().schema(type);
  }

  /** Returns the row as a record of the schema. */
  public Record toRecord(T row) {
    return binding.toIceberg(row);
  }

  /** Returns a new object; {@code row} has the schema's columns in order. */
  public T fromRecord(Record row) {
    Object object = binding.fromIceberg(row);
    if (!type.isInstance(object)) {
      throw FirnException.invalid("Cannot make a " + type.getName() + " of a row: got " + object);
    }
    return type.cast(object);
  }
}
