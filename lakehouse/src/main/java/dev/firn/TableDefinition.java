package dev.firn;

import dev.firn.compaction.GradedRetention;
import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;

/**
 * A builder: how a new table is laid out. Handed to the {@code Consumer} of {@link
 * Lakehouse#createTable}.
 */
public final class TableDefinition {
  private final List<Term> partitions = new ArrayList<>();
  private final List<SortTerm> sort = new ArrayList<>();
  private final List<String> key = new ArrayList<>();
  private final Map<String, String> properties = new LinkedHashMap<>();

  TableDefinition() {
    // Without these, old metadata files, and the work of every commit, would grow with its age.
    properties.put(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true");
    properties.put(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20");
    properties.put(GradedRetention.GRADES, GradedRetention.DEFAULT_GRADES);
    properties.put(TableProperties.FORMAT_VERSION, "2");
  }

  /**
   * Checks a layout against a schema, without making anything.
   *
   * @return the schema that the table would have: key columns are required
   * @throws FirnException (invalid) where a term does not go with the schema
   */
  public static Schema check(Schema schema, Consumer<TableDefinition> layout) {
    TableDefinition definition = new TableDefinition();
    layout.accept(definition);
    return Guard.call(
        "lay out the table",
        () -> {
          Schema keyed = definition.schema(schema);
          definition.spec(keyed);
          definition.sortOrder(keyed);
          return keyed;
        });
  }

  /**
   * Adds partition fields: Iceberg's {@code Expressions.day("at")}, {@code bucket("id", 16)},
   * {@code ref("c")}, or {@link Terms#parse}.
   */
  public TableDefinition partitionBy(Term... terms) {
    partitions.addAll(List.of(terms));
    return this;
  }

  /** Adds columns as partition fields by their values. */
  public TableDefinition partitionBy(String... columns) {
    for (String column : columns) {
      partitions.add(Expressions.ref(column));
    }
    return this;
  }

  /** Adds columns to the sort order, ascending. */
  public TableDefinition sortBy(String... columns) {
    for (String column : columns) {
      sort.add(SortTerm.asc(column));
    }
    return this;
  }

  /** Adds keys to the sort order. */
  public TableDefinition sortBy(SortTerm... terms) {
    sort.addAll(List.of(terms));
    return this;
  }

  /** Sets the identifier fields: the columns whose values name a row. They become required. */
  public TableDefinition key(String... columns) {
    key.addAll(List.of(columns));
    return this;
  }

  /** Sets the Iceberg format version: 2 (the default) or 3. */
  public TableDefinition formatVersion(int version) {
    return property(TableProperties.FORMAT_VERSION, Integer.toString(version));
  }

  /** Sets an Iceberg table property. */
  public TableDefinition property(String name, String value) {
    properties.put(name, value);
    return this;
  }

  Map<String, String> properties() {
    return properties;
  }

  Schema schema(Schema schema) {
    if (key.isEmpty()) {
      return schema;
    }
    Set<Integer> ids = new LinkedHashSet<>();
    for (String column : key) {
      ids.add(require(schema, column).fieldId());
    }
    List<Types.NestedField> fields = new ArrayList<>();
    for (Types.NestedField field : schema.columns()) {
      fields.add(ids.contains(field.fieldId()) ? field.asRequired() : field);
    }
    return new Schema(schema.schemaId(), fields, schema.getAliases(), ids);
  }

  PartitionSpec spec(Schema schema) {
    PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
    for (Term term : partitions) {
      require(schema, Terms.columnOf(term));
      Terms.addTo(spec, term);
    }
    return spec.build();
  }

  SortOrder sortOrder(Schema schema) {
    SortOrder.Builder order = SortOrder.builderFor(schema);
    for (SortTerm by : sort) {
      require(schema, Terms.columnOf(by.term()));
      order.sortBy(by.term(), by.direction(), by.nulls());
    }
    return order.build();
  }

  private static Types.NestedField require(Schema schema, String column) {
    Types.NestedField field = schema.findField(column);
    if (field == null) {
      Map<String, Integer> names = new TreeMap<>(TypeUtil.indexByName(schema.asStruct()));
      throw FirnException.invalid(
          "Cannot lay out the table by column '%s': the schema has no such column%s"
              .formatted(column, NearMatch.hint(column, names.keySet())));
    }
    return checked(field);
  }

  private static Types.NestedField checked(Types.NestedField field) {
    Type type = field.type();
    if (!type.isPrimitiveType()) {
      throw FirnException.invalid(
          "Cannot lay out the table by column '%s': expected a primitive type, got %s"
              .formatted(field.name(), type));
    }
    return field;
  }
}
