package dev.firn.format.write;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.DeleteGranularity;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDelete;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.deletes.PositionDeleteWriter;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DeleteWriteResult;
import org.apache.iceberg.io.FileWriterFactory;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A writer of row deletes by position. Confined to one thread; holds one bitmap per data file
 * touched until {@link #complete()}.
 *
 * <p>On v2 tables it writes one position delete file per data file, or, where {@code
 * write.delete.granularity} is {@code partition}, per partition, in the data files' own spec and
 * partition, sorted by path and position. Delete files already there are left alone: readers apply
 * the union, so nothing is superseded and no file that another writer might have replaced is
 * touched. On v3 it writes one Puffin file with a deletion vector per data file, each the union of
 * the new positions and of every position delete in {@code task.deletes()}; the deletion vector and
 * the position delete files that apply to that data file alone are superseded, those that apply to
 * others too stay.
 */
public final class RowDeleteWriter implements AutoCloseable {
  /**
   * Delete files to add, older ones they supersede, and the paths of the data files they refer to.
   */
  public record Result(
      List<DeleteFile> added, List<DeleteFile> superseded, List<String> referencedDataFiles) {}

  /** Paths order by their bytes in UTF-8, as delete files must be sorted. */
  private static final Comparator<CharSequence> BY_CHARACTER = Comparators.charSequences();

  private enum State {
    OPEN,
    FAILED,
    COMPLETE,
    CLOSED
  }

  /** What is to be deleted from one data file. */
  private record Target(FileScanTask task, PositionDeleteIndex positions) {}

  private final Table table;
  private final int formatVersion;
  private final FileRegistrar registrar;
  private final Map<String, Target> targets = new LinkedHashMap<>();
  private final Map<String, PositionDeleteIndex> loaded = new HashMap<>();
  private final List<String> locations = new ArrayList<>();
  private State state = State.OPEN;
  private @Nullable Target last;

  private RowDeleteWriter(Table table, int formatVersion, FileRegistrar registrar) {
    this.table = table;
    this.formatVersion = formatVersion;
    this.registrar = registrar;
  }

  /** Opens a writer; format version 1 has no row deletes and is refused. */
  public static RowDeleteWriter open(Table table) {
    return open(table, FileRegistrar.NONE);
  }

  /** As {@link #open(Table)}; the registrar is told of each file before it is created. */
  public static RowDeleteWriter open(Table table, FileRegistrar registrar) {
    int version = TableUtil.formatVersion(table);
    if (version < 2) {
      throw FirnException.invalid(
          "Cannot write row deletes: the table's format has none, expected format-version 2 or 3,"
              + " got 1; upgrade the table, or overwrite whole files ["
              + table.name()
              + "]");
    }
    return new RowDeleteWriter(table, version, registrar);
  }

  /**
   * Marks the row at {@code position} (0-based, of the whole file) of the task's data file as
   * deleted. Marking a row twice is the same as once.
   */
  public void delete(FileScanTask task, long position) {
    requireOpen();
    Target target = last;
    if (target == null || target.task() != task) {
      target = target(task);
      last = target;
    }
    if (position < 0 || position >= task.file().recordCount()) {
      throw FirnException.invalid(
          "Cannot delete a row: no row at this position, expected 0 to "
              + (task.file().recordCount() - 1)
              + ", got "
              + position
              + " ["
              + task.file().location()
              + "]");
    }
    target.positions().delete(position);
  }

  /**
   * Writes the rows that position deletes and deletion vectors in {@code task.deletes()} take anew,
   * also where no further row goes: on v2 together with those that do. Reads them now. On v2 it
   * still supersedes nothing: which of the old delete files may go is the caller's to know.
   *
   * @return false where they take no row of this file; then nothing is written for it
   */
  public boolean rewrite(FileScanTask task) {
    requireOpen();
    String path = task.file().location();
    PositionDeleteIndex old = load(positionDeletes(task), path);
    if (old.isEmpty()) {
      return false;
    }
    if (formatVersion < 3) {
      target(task).positions().merge(old);
    } else {
      target(task);
      loaded.put(path, old);
    }
    return true;
  }

  private Target target(FileScanTask task) {
    return targets.computeIfAbsent(
        task.file().location(),
        path -> new Target(task, Deletes.toPositionIndex(CloseableIterable.empty())));
  }

  /** Writes the delete files and hands them over: the caller's to commit or to remove. */
  public Result complete() {
    requireOpen();
    state = State.FAILED;
    try {
      Result result = formatVersion >= 3 ? writeVectors() : writePositionDeletes();
      state = State.COMPLETE;
      return result;
    } catch (IOException e) {
      throw WrittenFiles.failed("delete files", table.name(), e);
    } catch (UncheckedIOException e) {
      throw WrittenFiles.failed("delete files", table.name(), e);
    }
  }

  private Result writeVectors() throws IOException {
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 0, 0).format(FileFormat.PUFFIN).build();
    BaseDVFileWriter writer =
        new BaseDVFileWriter(
            () -> {
              EncryptedOutputFile output = outputs.newOutputFile();
              remember(List.of(output));
              return output.encryptingOutputFile();
            },
            this::previous);
    for (Map.Entry<String, Target> entry : targets.entrySet()) {
      FileScanTask task = entry.getValue().task();
      writer.delete(
          entry.getKey(), entry.getValue().positions(), task.spec(), task.file().partition());
    }
    writer.close();
    DeleteWriteResult result = writer.result();
    return new Result(
        List.copyOf(result.deleteFiles()),
        List.copyOf(result.rewrittenDeleteFiles()),
        List.copyOf(targets.keySet()));
  }

  private @Nullable PositionDeleteIndex previous(String path) {
    Target target = targets.get(path);
    if (target == null) {
      return null;
    }
    PositionDeleteIndex known = loaded.get(path);
    List<DeleteFile> previous = positionDeletes(target.task());
    return known != null ? known : previous.isEmpty() ? null : load(previous, path);
  }

  private static List<DeleteFile> positionDeletes(FileScanTask task) {
    return task.deletes().stream()
        .filter(file -> file.content() == FileContent.POSITION_DELETES)
        .toList();
  }

  private PositionDeleteIndex load(List<DeleteFile> deletes, String path) {
    // No executor: the loader would otherwise use Iceberg's static pool.
    BaseDeleteLoader loader =
        new BaseDeleteLoader(file -> DeleteFileReads.open(table.io(), file), null);
    return DeleteFileReads.load(
        table.io(), deletes, () -> loader.loadPositionDeletes(deletes, path));
  }

  private Result writePositionDeletes() throws IOException {
    FileFormat format = deleteFormat();
    FileWriterFactory<Record> writers =
        new GenericFileWriterFactory.Builder(table).deleteFileFormat(format).build();
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 0, 0).format(format).suffix("deletes").build();
    List<List<Target>> groups = groups(granularity());
    List<EncryptedOutputFile> files =
        groups.stream().map(each -> output(each.get(0), outputs)).toList();
    remember(files);
    List<DeleteFile> added = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      added.add(writePositionDeletes(groups.get(i), writers, files.get(i)));
    }
    return new Result(List.copyOf(added), List.of(), List.copyOf(targets.keySet()));
  }

  private DeleteGranularity granularity() {
    String value = table.properties().get(TableProperties.DELETE_GRANULARITY);
    try {
      // Iceberg's default is by partition, and its engines set it to this.
      return value == null ? DeleteGranularity.FILE : DeleteGranularity.fromString(value);
    } catch (IllegalArgumentException e) {
      throw FirnException.invalid(
          "Cannot write row deletes: bad property "
              + TableProperties.DELETE_GRANULARITY
              + ", expected file or partition, got "
              + value
              + " ["
              + table.name()
              + "]");
    }
  }

  /** Returns the data files whose deletes share a file, in the order of their paths. */
  private List<List<Target>> groups(DeleteGranularity granularity) {
    if (granularity == DeleteGranularity.FILE) {
      return targets.values().stream().map(List::of).toList();
    }
    Map<Integer, Map<StructLikeWrapper, List<Target>>> bySpec = new LinkedHashMap<>();
    targets.values().stream()
        .sorted(Comparator.comparing(target -> target.task().file().location(), BY_CHARACTER))
        .forEach(target -> add(target, bySpec));
    return bySpec.values().stream().flatMap(all -> all.values().stream()).toList();
  }

  private static void add(
      Target target, Map<Integer, Map<StructLikeWrapper, List<Target>>> bySpec) {
    PartitionSpec spec = target.task().spec();
    StructLikeWrapper partition =
        StructLikeWrapper.forType(spec.partitionType()).set(target.task().file().partition());
    bySpec
        .computeIfAbsent(spec.specId(), id -> new LinkedHashMap<>())
        .computeIfAbsent(partition, key -> new ArrayList<>())
        .add(target);
  }

  private static EncryptedOutputFile output(Target target, OutputFileFactory outputs) {
    PartitionSpec spec = target.task().spec();
    return spec.isPartitioned()
        ? outputs.newOutputFile(spec, target.task().file().partition())
        : outputs.newOutputFile();
  }

  /** Of data files of one partition, in the order of their paths. */
  private static DeleteFile writePositionDeletes(
      List<Target> group, FileWriterFactory<Record> writers, EncryptedOutputFile output)
      throws IOException {
    FileScanTask first = group.get(0).task();
    PositionDeleteWriter<Record> writer =
        writers.newPositionDeleteWriter(plain(output), first.spec(), first.file().partition());
    try (writer) {
      PositionDelete<Record> delete = PositionDelete.create();
      for (Target target : group) {
        String path = target.task().file().location();
        target.positions().forEach(position -> writer.write(delete.set(path, position)));
      }
    }
    return writer.toDeleteFile();
  }

  /** The format of position delete files: the table's own, or that of its data files. */
  private FileFormat deleteFormat() {
    String name = table.properties().get(TableProperties.DELETE_DEFAULT_FILE_FORMAT);
    return name == null
        ? Writability.format(table)
        : FileFormat.fromString(name.toLowerCase(Locale.ROOT));
  }

  private void remember(List<EncryptedOutputFile> outputs) {
    List<String> files =
        outputs.stream().map(output -> output.encryptingOutputFile().location()).toList();
    registrar.creating(files);
    locations.addAll(files);
  }

  private static EncryptedOutputFile plain(EncryptedOutputFile output) {
    return EncryptedFiles.encryptedOutput(output.encryptingOutputFile(), output.keyMetadata());
  }

  /** Removes every file written, unless {@link #complete()} has handed them over. Never throws. */
  @Override
  public void close() {
    if (state == State.OPEN || state == State.FAILED) {
      registrar.removed(WrittenFiles.remove(table.io(), locations));
    }
    targets.clear();
    loaded.clear();
    state = State.CLOSED;
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException(
          "Cannot use a delete writer: it is " + state + ", expected OPEN [" + table.name() + "]");
    }
  }
}
