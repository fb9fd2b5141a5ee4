package dev.firn.cli.command;

import dev.firn.LakeScan;
import dev.firn.LakeTable;
import dev.firn.RefInfo;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.Output;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.ingest.SchemaText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/** What {@code describe} tells of one table. */
record TableDescription(
    String name,
    String location,
    int formatVersion,
    List<ColumnInfo> columns,
    List<ColumnInfo> paths,
    List<String> partitions,
    List<String> sort,
    Map<String, String> properties,
    TableSummary summary,
    List<RefInfo> refs,
    int snapshots) {

  /** One column, of the top level with its whole type, or of any level by its dotted path. */
  record ColumnInfo(
      int id, String name, String type, boolean required, boolean key, @Nullable String doc) {}

  /** Describes columns and size as {@code at} sees them, and the rest as it is now. */
  static TableDescription of(LakeTable table, LakeScan at) {
    Table iceberg = table.iceberg();
    Schema schema = at.schema();
    OptionalLong id = at.snapshotId();
    Set<Integer> key = schema.identifierFieldIds();
    List<ColumnInfo> columns = new ArrayList<>();
    List<ColumnInfo> paths = new ArrayList<>();
    for (Types.NestedField field : schema.columns()) {
      columns.add(column(field, field.name(), SchemaText.format(field.type()), key));
      addPaths("", field, key, paths);
    }
    int snapshots = (int) iceberg.snapshots().spliterator().getExactSizeIfKnown();
    return new TableDescription(
        table.name(),
        iceberg.location(),
        TableUtil.formatVersion(iceberg),
        columns,
        paths,
        partitions(iceberg.spec()),
        sort(iceberg.sortOrder()),
        new TreeMap<>(iceberg.properties()),
        TableSummary.of(id.isPresent() ? iceberg.snapshot(id.getAsLong()) : null),
        table.refs(),
        snapshots < 0 ? count(iceberg.snapshots()) : snapshots);
  }

  private static ColumnInfo column(
      Types.NestedField field, String name, String type, Set<Integer> key) {
    return new ColumnInfo(
        field.fieldId(),
        name,
        type,
        field.isRequired(),
        key.contains(field.fieldId()),
        field.doc());
  }

  /** Adds a column, and what is nested in it unless that is short enough to stand in its type. */
  private static void addPaths(
      String prefix, Types.NestedField field, Set<Integer> key, List<ColumnInfo> into) {
    Type type = field.type();
    String path = prefix + field.name();
    List<Types.NestedField> nested = type.isNestedType() ? type.asNestedType().fields() : List.of();
    boolean spread =
        type.isStructType() || nested.stream().anyMatch(child -> child.type().isNestedType());
    String shown =
        spread ? type.typeId().toString().toLowerCase(Locale.ROOT) : SchemaText.format(type);
    into.add(column(field, path, shown, key));
    if (spread) {
      nested.forEach(child -> addPaths(path + ".", child, key, into));
    }
  }

  private static int count(Iterable<?> all) {
    int count = 0;
    for (Object ignored : all) {
      count++;
    }
    return count;
  }

  /** Writes the terms in the form that {@code --partition} reads. */
  static List<String> partitions(PartitionSpec spec) {
    List<String> terms = new ArrayList<>();
    for (PartitionField field : spec.fields()) {
      if (!field.transform().isVoid()) {
        terms.add(
            term(field.transform().toString(), spec.schema().findColumnName(field.sourceId())));
      }
    }
    return terms;
  }

  /** Writes the terms in the form that {@code --sort} reads. */
  static List<String> sort(SortOrder order) {
    List<String> terms = new ArrayList<>();
    for (SortField field : order.fields()) {
      String term =
          term(field.transform().toString(), order.schema().findColumnName(field.sourceId()));
      String nulls = field.nullOrder().toString().toLowerCase(Locale.ROOT);
      String direction = field.direction().toString().toLowerCase(Locale.ROOT);
      terms.add(term + " " + direction + " " + nulls);
    }
    return terms;
  }

  private static String term(String transform, @Nullable String column) {
    if (transform.equals("identity")) {
      return String.valueOf(column);
    }
    int bracket = transform.indexOf('[');
    return bracket < 0
        ? transform + "(" + column + ")"
        : transform.substring(0, bracket)
            + "("
            + transform.substring(bracket + 1, transform.length() - 1)
            + ", "
            + column
            + ")";
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("table", name);
    map.put("location", location);
    map.put("format_version", formatVersion);
    map.put("columns", columns.stream().map(TableDescription::columnMap).toList());
    map.put("partition_spec", partitions);
    map.put("sort_order", sort);
    map.put("properties", properties);
    map.putAll(summary.toMap());
    map.put("snapshots", snapshots);
    map.put("refs", refs.stream().map(TableDescription::refMap).toList());
    return map;
  }

  private static Map<String, @Nullable Object> columnMap(ColumnInfo column) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("id", column.id());
    map.put("name", column.name());
    map.put("type", column.type());
    map.put("required", column.required());
    map.put("key", column.key());
    map.put("doc", column.doc());
    return map;
  }

  private static Map<String, @Nullable Object> refMap(RefInfo ref) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", ref.name());
    map.put("type", ref.branch() ? "branch" : "tag");
    map.put("snapshot_id", ref.snapshotId());
    return map;
  }

  void print(Session session) {
    Output out = session.output();
    out.line("Table       " + name);
    out.line("Location    " + location);
    out.line("Format      Iceberg v" + formatVersion);
    out.line("Partitions  " + (partitions.isEmpty() ? "none" : String.join(", ", partitions)));
    out.line("Sort order  " + (sort.isEmpty() ? "none" : String.join(", ", sort)));
    out.line("Rows        " + shown(summary.rows()));
    out.line("Files       " + files());
    out.line("Snapshot    " + snapshot());
    refs.forEach(
        ref ->
            out.line(
                "%-12s%s → %d"
                    .formatted(ref.branch() ? "Branch" : "Tag", ref.name(), ref.snapshotId())));
    properties.forEach((key, value) -> out.line("Property    " + key + " = " + value));
    out.line("");
    printColumns(session);
  }

  void printColumns(Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.number("id"),
                Column.text("column"),
                Column.text("type"),
                Column.text("required"),
                Column.text("key"),
                Column.text("doc")))) {
      for (ColumnInfo column : paths) {
        rows.row(
            Arrays.<@Nullable Object>asList(
                column.id(),
                column.name(),
                column.type(),
                column.required() ? "yes" : "no",
                column.key() ? "yes" : "no",
                column.doc() == null ? "" : column.doc()));
      }
    }
  }

  private String files() {
    Long bytes = summary.bytes();
    return "%s data, %s delete, %s"
        .formatted(
            shown(summary.dataFiles()),
            shown(summary.deleteFiles()),
            bytes == null ? "unknown size" : UnitText.showBytes(bytes));
  }

  private String snapshot() {
    return summary.snapshotId() == null
        ? "none yet"
        : "%d of %s (%d retained)"
            .formatted(summary.snapshotId(), summary.committedAt(), snapshots);
  }

  private static String shown(@Nullable Long total) {
    return total == null ? "unknown" : "%,d".formatted(total);
  }
}
