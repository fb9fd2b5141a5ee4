package dev.firn.scan.metadata;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.testing.TableFixture;
import dev.firn.testing.TruthFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataTableType;
import org.apache.iceberg.MetadataTableUtils;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableScan;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata tables against the rows that Iceberg's own make. */
class MetadataScannerTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final long SEED = Long.getLong("firn.scan.seed", 0);

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void everyTableThatIcebergHasIsThere() {
    assertThat(Arrays.stream(MetadataTable.values()).map(MetadataTable::type))
        .containsExactlyInAnyOrder(MetadataTableType.values());
    assertThat(MetadataTable.find("All_Data_Files")).contains(MetadataTable.ALL_DATA_FILES);
    assertThat(MetadataTable.find("orders")).isEmpty();
    assertThat(MetadataTable.names()).contains("metadata_log_entries");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void rowsAreIcebergsAsRecordsAndAsBatches(int version) {
    Table table = EvolvedTable.make(fixture, version, SEED).table();
    for (MetadataTable kind : planned()) {
      Schema schema = icebergs(table, kind).schema();
      MetadataScanner scanner = new MetadataScanner(table, kind);
      List<List<Object>> expected = expected(table, kind, null);

      assertThat(scanner.schema(ScanRequest.EVERYTHING).asStruct()).isEqualTo(schema.asStruct());
      assertThat(read(scanner, ScanRequest.EVERYTHING))
          .as(kind.tableName())
          .hasSizeGreaterThan(version == 1 && kind.tableName().contains("delete_") ? -1 : 0)
          .containsExactlyInAnyOrderElementsOf(expected);
      assertThat(readArrow(scanner, ScanRequest.EVERYTHING))
          .as(kind.tableName())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static List<MetadataTable> planned() {
    return Arrays.stream(MetadataTable.values())
        .filter(kind -> kind != MetadataTable.POSITION_DELETES)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void filtersAndProjectionsEqualTheModel(int version) {
    Table table = EvolvedTable.make(fixture, version, SEED).table();
    Random random = new Random(SEED + version);
    System.out.println("MetadataScannerTest -Dfirn.scan.seed=" + SEED);
    for (MetadataTable kind : MetadataTable.values()) {
      MetadataScanner scanner = new MetadataScanner(table, kind);
      Schema schema = scanner.schema(ScanRequest.EVERYTHING);
      List<List<Object>> rows = read(scanner, ScanRequest.EVERYTHING);
      List<MetadataFilter.Leaf> leaves = leaves(schema.asStruct(), "", row -> row, rows);
      for (int i = 0; i < 20; i++) {
        TruthFilter<List<Object>> filter = MetadataFilter.of(random, leaves, 2);
        Set<MetadataFilter.Leaf> some = new LinkedHashSet<>();
        for (int c = random.nextInt(4); c > 0; c--) {
          some.add(leaves.get(random.nextInt(leaves.size())));
        }
        List<MetadataFilter.Leaf> selected = ofDistinctColumns(some);
        ScanRequest request =
            request(selected.stream().map(MetadataFilter.Leaf::name).toList(), filter.expression());
        List<List<Object>> expected = new ArrayList<>();
        for (List<Object> row : rows) {
          if (Boolean.TRUE.equals(filter.truth().apply(row))) {
            expected.add(selected.stream().map(leaf -> leaf.value().apply(row)).toList());
          }
        }
        assertThat(read(scanner, request).stream().map(MetadataScannerTest::flat))
            .as("seed %d: %s where %s", SEED, kind, filter.expression())
            .containsExactlyElementsOf(expected);
      }
    }
  }

  /** Leaves of one struct would come as one column. */
  private static List<MetadataFilter.Leaf> ofDistinctColumns(Set<MetadataFilter.Leaf> leaves) {
    Set<String> columns = new LinkedHashSet<>();
    return leaves.stream()
        .filter(leaf -> columns.add(leaf.name().replaceFirst("\\..*", "")))
        .toList();
  }

  private static List<Object> flat(List<Object> row) {
    List<Object> flat = new ArrayList<>();
    for (Object value : row) {
      if (value instanceof List<?> nested) {
        flat.addAll(flat(new ArrayList<>(nested)));
      } else {
        flat.add(value);
      }
    }
    return flat;
  }

  /** The values within structs that can be compared, named by path. */
  private static List<MetadataFilter.Leaf> leaves(
      Types.StructType type,
      String prefix,
      Function<List<Object>, List<?>> struct,
      List<List<Object>> rows) {
    List<MetadataFilter.Leaf> leaves = new ArrayList<>();
    for (int i = 0; i < type.fields().size(); i++) {
      Types.NestedField field = type.fields().get(i);
      int at = i;
      Function<List<Object>, Object> value =
          row -> struct.apply(row) == null ? null : struct.apply(row).get(at);
      if (field.type().isStructType()) {
        leaves.addAll(
            leaves(
                field.type().asStructType(),
                prefix + field.name() + ".",
                row -> (List<?>) value.apply(row),
                rows));
      } else if (field.type().isPrimitiveType()) {
        List<Object> literals =
            comparable(field.type())
                ? rows.stream().map(value).filter(Objects::nonNull).distinct().limit(4).toList()
                : List.of();
        leaves.add(new MetadataFilter.Leaf(prefix + field.name(), value, literals));
      }
    }
    return leaves;
  }

  private static boolean comparable(Type type) {
    return switch (type.typeId()) {
      case BINARY, FIXED, UUID, TIMESTAMP, DATE -> false;
      default -> true;
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void thePastIsReadOfTablesThatDescribeOneSnapshot(int version) {
    Table table = EvolvedTable.make(fixture, version, SEED).table();
    for (MetadataTable kind : planned()) {
      MetadataScanner scanner = new MetadataScanner(table, kind);
      if (!kind.ofOneSnapshot()) {
        assertThatThrownBy(
                () ->
                    scanner.schema(
                        at(new SnapshotSelector.ById(table.currentSnapshot().snapshotId()))))
            .isInstanceOfSatisfying(
                FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
            .hasMessageContaining("in the past: it describes all snapshots");
        continue;
      }
      for (Snapshot snapshot : someOf(table.snapshots())) {
        assertThat(read(scanner, at(new SnapshotSelector.ById(snapshot.snapshotId()))))
            .as(kind.tableName())
            .containsExactlyInAnyOrderElementsOf(expected(table, kind, snapshot.snapshotId()));
      }
      long side = table.refs().get("side").snapshotId();
      assertThat(read(scanner, at(new SnapshotSelector.Ref("side"))))
          .containsExactlyInAnyOrderElementsOf(expected(table, kind, side));
    }
  }

  private static List<Snapshot> someOf(Iterable<Snapshot> all) {
    List<Snapshot> some = new ArrayList<>();
    int number = 0;
    for (Snapshot snapshot : all) {
      if (number++ % 3 == 1) {
        some.add(snapshot);
      }
    }
    return some;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void positionDeletesAreThoseThatWereWritten(int version) {
    EvolvedTable made = EvolvedTable.make(fixture, version, SEED);
    MetadataScanner scanner = new MetadataScanner(made.table(), MetadataTable.POSITION_DELETES);

    assertThat(read(scanner, request(List.of("file_path", "pos"), alwaysTrue())))
        .containsExactlyInAnyOrderElementsOf(made.positionDeletes);
    assertThat(scanner.schema(ScanRequest.EVERYTHING).asStruct())
        .isEqualTo(icebergs(made.table(), MetadataTable.POSITION_DELETES).schema().asStruct());
    List<List<Object>> files =
        read(
            new MetadataScanner(made.table(), MetadataTable.DELETE_FILES),
            request(List.of("file_path", "spec_id", "partition"), equal("content", 1)));
    assertThat(
            read(
                scanner,
                request(List.of("delete_file_path", "spec_id", "partition"), alwaysTrue())))
        .containsExactlyInAnyOrderElementsOf(files);
    String one = made.positionDeletes.get(0).get(0).toString();
    assertThat(read(scanner, request(List.of("pos", "row"), equal("file_path", one))))
        .containsExactly(Arrays.asList(0L, null));
  }

  @ParameterizedTest
  @EnumSource(MetadataTable.class)
  void aTableWithoutSnapshotsHasNoRowsButOfItsLog(MetadataTable kind) {
    Table table = fixture.create(SCHEMA, 2);
    assertThat(read(new MetadataScanner(table, kind), ScanRequest.EVERYTHING))
        .hasSize(kind == MetadataTable.METADATA_LOG_ENTRIES ? 1 : 0);
  }

  @Test
  void filesOfABranchAreThereThoughMainHasNoSnapshot() {
    Table table = fixture.create(SCHEMA, 2);
    var file =
        TableFixture.write(table, org.apache.iceberg.FileFormat.PARQUET, List.of(row(SCHEMA, 1L)));
    table.newAppend().appendFile(file.get(0)).toBranch("side").commit();

    assertThat(
            read(
                new MetadataScanner(table, MetadataTable.ALL_FILES),
                request(List.of("file_path"), alwaysTrue())))
        .containsExactly(List.of(file.get(0).location()));
  }

  @Test
  void aScannerKeepsToTheStateThatItWasMadeAt() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    MetadataScanner before = new MetadataScanner(table, MetadataTable.FILES);
    table.updateSpec().addField("id").commit();
    append(table, row(SCHEMA, 2L));

    assertThat(read(before, ScanRequest.EVERYTHING)).hasSize(1);
    assertThat(read(new MetadataScanner(table, MetadataTable.FILES), ScanRequest.EVERYTHING))
        .hasSize(2);
  }

  @Test
  void aLimitReadsNoMoreManifestsThanItNeedsAndAMissingOneIsNamed() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, row(SCHEMA, 1L));
    append(table, row(SCHEMA, 2L));
    List<Object> paths =
        read(
                new MetadataScanner(table, MetadataTable.MANIFESTS),
                request(List.of("path"), alwaysTrue()))
            .stream()
            .map(r -> r.get(0))
            .toList();
    table.io().deleteFile(paths.get(1).toString());
    MetadataScanner files = new MetadataScanner(table, MetadataTable.FILES);

    assertThat(read(files, new ScanRequest(new SnapshotSelector.Current(), null, alwaysTrue(), 1)))
        .hasSize(1);
    assertThatThrownBy(() -> read(files, ScanRequest.EVERYTHING))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(paths.get(1).toString())
        .hasMessageContaining(".files]");
  }

  @Test
  void columnsThatAreNotThereAreRefusedThoseOfDataRowsToo() {
    Table table = fixture.create(SCHEMA, PartitionSpec.unpartitioned(), 2);
    MetadataScanner files = new MetadataScanner(table, MetadataTable.FILES);

    assertThatThrownBy(() -> files.schema(request(List.of("file_pth"), alwaysTrue())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("file_path");
    assertThatThrownBy(() -> files.schema(request(List.of("_pos"), alwaysTrue())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("'_pos': there is no such column");
    assertThatThrownBy(() -> read(files, request(null, equal("_file", "x"))))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("'_file': there is no such column");
    assertThatThrownBy(() -> files.plan(ScanRequest.EVERYTHING))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("not those of data files");
  }

  private static ScanRequest request(List<String> columns, Expression filter) {
    return new ScanRequest(new SnapshotSelector.Current(), columns, filter, ScanRequest.NO_LIMIT);
  }

  private static ScanRequest at(SnapshotSelector snapshot) {
    return new ScanRequest(snapshot, null, alwaysTrue(), ScanRequest.NO_LIMIT);
  }

  private static Table icebergs(Table table, MetadataTable kind) {
    return MetadataTableUtils.createMetadataTableInstance(table, kind.type());
  }

  private static List<List<Object>> expected(Table table, MetadataTable kind, Long snapshotId) {
    Table metadata = icebergs(table, kind);
    TableScan scan = metadata.newScan();
    List<List<Object>> rows = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks =
        (snapshotId == null ? scan : scan.useSnapshot(snapshotId)).planFiles()) {
      for (FileScanTask task : tasks) {
        try (CloseableIterable<StructLike> of = task.asDataTask().rows()) {
          of.forEach(row -> rows.add(Plain.row(metadata.schema().asStruct(), row)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static List<List<Object>> read(MetadataScanner scanner, ScanRequest request) {
    Types.StructType type = scanner.schema(request).asStruct();
    List<List<Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> cursor = scanner.read(request, allocator)) {
      cursor.forEach(row -> rows.add(Plain.row(type, (StructLike) row)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static List<List<Object>> readArrow(MetadataScanner scanner, ScanRequest request) {
    Schema schema = scanner.schema(request);
    List<List<Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        ArrowReader reader = scanner.readArrow(request, allocator, 3)) {
      while (reader.loadNextBatch()) {
        assertThat(reader.getVectorSchemaRoot().getRowCount()).isBetween(1, 3);
        ArrowRows.rows(reader.getVectorSchemaRoot(), schema)
            .forEach(row -> rows.add(Plain.row(schema.asStruct(), (StructLike) row)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }
}
