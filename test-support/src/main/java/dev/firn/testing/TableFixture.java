package dev.firn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.EqualityDeleteWriter;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Tables in memory, and files in them written by Iceberg's own writers, so that what reads them is
 * tested against something else than itself. Not thread-safe.
 */
public final class TableFixture implements AutoCloseable {
  private static final Namespace NAMESPACE = Namespace.of("db");

  private final InMemoryCatalog catalog = new InMemoryCatalog();
  private int tables;

  private TableFixture() {
    // Iceberg's in-memory files live in one static map.
    catalog.initialize(
        "fixture", Map.of(CatalogProperties.WAREHOUSE_LOCATION, "mem-" + UUID.randomUUID()));
    catalog.createNamespace(NAMESPACE);
  }

  public static TableFixture open() {
    return new TableFixture();
  }

  /** Creates an unpartitioned table. */
  public Table create(Schema schema, int formatVersion) {
    return create(schema, PartitionSpec.unpartitioned(), formatVersion);
  }

  public Table create(Schema schema, PartitionSpec spec, int formatVersion) {
    tables++;
    return catalog.createTable(
        TableIdentifier.of(NAMESPACE, "t" + tables),
        schema,
        spec,
        Map.of("format-version", Integer.toString(formatVersion)));
  }

  /** Returns the locations of all files under a table's folder of that name, sorted. */
  public static List<String> files(Table table, String folder) {
    try {
      // Iceberg's in-memory store has no listing.
      Field store = InMemoryFileIO.class.getDeclaredField("IN_MEMORY_FILES");
      store.setAccessible(true);
      String prefix = table.location() + "/" + folder + "/";
      return ((Map<?, ?>) store.get(null))
          .keySet().stream()
              .map(String::valueOf)
              .filter(f -> f.startsWith(prefix))
              .sorted()
              .toList();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Loads the same table again: a second, independent handle. */
  public Table reload(Table table) {
    String name = table.name();
    return catalog.loadTable(
        TableIdentifier.of(NAMESPACE, name.substring(name.lastIndexOf('.') + 1)));
  }

  public static Record row(Schema schema, @Nullable Object... values) {
    GenericRecord row = GenericRecord.create(schema);
    IntStream.range(0, values.length).forEach(i -> row.set(i, values[i]));
    return row;
  }

  /** Writes one data file per partition under the table's current schema and spec. */
  public static List<DataFile> write(Table table, FileFormat format, List<Record> rows) {
    Map<PartitionKey, List<Record>> byPartition = new LinkedHashMap<>();
    PartitionKey key = new PartitionKey(table.spec(), table.schema());
    InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
    for (Record row : rows) {
      key.partition(wrapper.wrap(row));
      byPartition.computeIfAbsent(key.copy(), k -> new ArrayList<>()).add(row);
    }
    List<DataFile> files = new ArrayList<>();
    byPartition.forEach((k, partition) -> files.add(write(table, format, k, partition)));
    return files;
  }

  private static DataFile write(
      Table table, FileFormat format, PartitionKey partition, List<Record> rows) {
    DataWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(format)
            .dataSchema(table.schema())
            .build()
            .newDataWriter(output(table, format, table.spec(), partition), table.spec(), partition);
    try (writer) {
      writer.write(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDataFile();
  }

  /** Writes and commits one Parquet file per partition. */
  public static List<DataFile> append(Table table, Record... rows) {
    return append(table, FileFormat.PARQUET, rows);
  }

  public static List<DataFile> append(Table table, FileFormat format, Record... rows) {
    List<DataFile> files = write(table, format, List.of(rows));
    var append = table.newAppend();
    files.forEach(append::appendFile);
    append.commit();
    return files;
  }

  /** Deletes rows of one file by position: a position delete file on v2, a vector on v3. */
  public static List<DeleteFile> deleteRows(Table table, DataFile file, long... positions) {
    if (formatVersion(table) >= 3) {
      return deleteByVector(table, file, positions);
    }
    DeleteFile deletes = positionDeletes(table, FileFormat.PARQUET, file, positions);
    table.newRowDelta().addDeletes(deletes).commit();
    return List.of(deletes);
  }

  /** Writes, without committing, a position delete file for rows of one data file. */
  public static DeleteFile positionDeletes(
      Table table, FileFormat format, DataFile file, long... positions) {
    PartitionSpec spec = specOf(table, file);
    PositionDeleteWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .deleteFileFormat(format)
            .build()
            .newPositionDeleteWriter(
                output(table, format, spec, file.partition()), spec, file.partition());
    PositionDelete<Record> delete = PositionDelete.create();
    try (writer) {
      for (long position : positions) {
        writer.write(delete.set(file.location(), position));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.toDeleteFile();
  }

  private static List<DeleteFile> deleteByVector(Table table, DataFile file, long... positions) {
    PartitionSpec spec = specOf(table, file);
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PUFFIN).build();
    List<DeleteFile> previous =
        deletesOf(table, file).stream()
            .filter(delete -> delete.content() == FileContent.POSITION_DELETES)
            .toList();
    BaseDVFileWriter writer =
        new BaseDVFileWriter(
            outputs,
            path ->
                previous.isEmpty()
                    ? null
                    : new BaseDeleteLoader(table.io()::newInputFile)
                        .loadPositionDeletes(previous, path));
    try (writer) {
      for (long position : positions) {
        writer.delete(file.location(), position, spec, file.partition());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DeleteWriteResult result = writer.result();
    RowDelta delta = table.newRowDelta().validateFromSnapshot(table.currentSnapshot().snapshotId());
    result.deleteFiles().forEach(delta::addDeletes);
    result.rewrittenDeleteFiles().forEach(delta::removeDeletes);
    delta.commit();
    return result.deleteFiles();
  }

  /** Deletes by equality, in the partition of {@code like} (null: everywhere). */
  public static DeleteFile deleteEqual(
      Table table, Schema columns, @Nullable DataFile like, Record... keys) {
    int[] ids =
        TypeUtil.indexById(columns.asStruct()).values().stream()
            .filter(field -> field.type().isPrimitiveType())
            .mapToInt(Types.NestedField::fieldId)
            .toArray();
    PartitionSpec spec = like == null ? unpartitionedSpec(table) : specOf(table, like);
    EqualityDeleteWriter<Record> writer =
        new GenericFileWriterFactory.Builder(table)
            .deleteFileFormat(FileFormat.PARQUET)
            .equalityDeleteRowSchema(columns)
            .equalityFieldIds(ids)
            .build()
            .newEqualityDeleteWriter(
                output(table, FileFormat.PARQUET, spec, like == null ? null : like.partition()),
                spec,
                like == null ? null : like.partition());
    try (writer) {
      writer.write(List.of(keys));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DeleteFile deletes = writer.toDeleteFile();
    table.newRowDelta().addDeletes(deletes).commit();
    return deletes;
  }

  /** Global deletes need an unpartitioned spec in the table. */
  private static PartitionSpec unpartitionedSpec(Table table) {
    return table.specs().values().stream()
        .filter(PartitionSpec::isUnpartitioned)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the table has no unpartitioned spec"));
  }

  /** Returns the delete files that apply to one data file now. */
  public static List<DeleteFile> deletesOf(Table table, DataFile file) {
    table.refresh();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        if (task.file().location().equals(file.location())) {
          return task.deletes();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of();
  }

  public static int formatVersion(Table table) {
    return TableUtil.formatVersion(table);
  }

  private static PartitionSpec specOf(Table table, ContentFile<?> file) {
    PartitionSpec spec = table.specs().get(file.specId());
    if (spec == null) {
      throw new IllegalArgumentException("the table has no spec " + file.specId());
    }
    return spec;
  }

  private static EncryptedOutputFile output(
      Table table, FileFormat format, PartitionSpec spec, @Nullable StructLike partition) {
    OutputFileFactory outputs = OutputFileFactory.builderFor(table, 1, 1).format(format).build();
    return spec.isUnpartitioned() || partition == null
        ? outputs.newOutputFile()
        : outputs.newOutputFile(spec, partition);
  }

  @Override
  public void close() {
    try {
      catalog.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
