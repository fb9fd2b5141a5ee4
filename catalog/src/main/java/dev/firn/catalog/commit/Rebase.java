package dev.firn.catalog.commit;

import dev.firn.format.write.DeleteMarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.deletes.BaseDVFileWriter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.util.ContentFileUtil;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a change that was made of an older snapshot to the newest one of its branch: tells
 * conflicts with what others committed since, row by row where rows are known, and unites deletion
 * vectors of one data file. Confined to one thread.
 *
 * <p>Where nothing was committed since, nothing is read and nothing is done.
 *
 * @see <a href="https://iceberg.apache.org/spec/#deletion-vectors">Deletion vectors</a>
 */
final class Rebase {
  private static final Logger LOG = LoggerFactory.getLogger(Rebase.class);
  private static final int SHOWN = 3;

  private final Table table;
  private final RowChange change;
  private final Since since;
  private final DeleteMarks marks;
  private final Map<String, PositionDeleteIndex> united = new LinkedHashMap<>();
  private final Set<String> outdatedOf = new HashSet<>();
  private final Set<DeleteFile> outdated = Collections.newSetFromMap(new LinkedHashMap<>());

  private Rebase(Table table, RowChange change, Since since) {
    this.table = table;
    this.change = change;
    this.since = since;
    this.marks = new DeleteMarks(table.io());
  }

  /**
   * A change as it is to be committed.
   *
   * @param written files that were written for it: to be removed where it is not applied
   * @param leftOut files of the change as it was that are no part of it any more: to be removed
   *     once it is applied
   */
  record Rebased(RowChange change, List<String> written, List<String> leftOut) {
    static Rebased unchanged(RowChange change) {
      return new Rebased(change, List.of(), List.of());
    }
  }

  /**
   * Returns the change as of the newest snapshot of its branch that {@code table} knows.
   *
   * @param creating is told of files before they are created
   * @throws dev.firn.error.FirnException CONFLICT, and nothing was written
   */
  static Rebased onto(Table table, RowChange change, Consumer<List<String>> creating) {
    Long base = change.base();
    Snapshot head = SnapshotUtil.latestSnapshot(table, change.branch());
    if (base == null || head == null || head.snapshotId() == base) {
      return Rebased.unchanged(change);
    }
    List<Snapshot> snapshots = between(table, head, base);
    if (snapshots == null) {
      // Iceberg tells what is wrong with the base.
      return Rebased.unchanged(change);
    }
    return new Rebase(table, change, Since.of(table, change, snapshots)).onto(head, creating);
  }

  /** Returns the snapshots after base, oldest first; null where it is no ancestor of the head. */
  private static @Nullable List<Snapshot> between(Table table, Snapshot head, long base) {
    List<Snapshot> snapshots = new ArrayList<>();
    Snapshot at = head;
    while (at != null && at.snapshotId() != base) {
      snapshots.add(at);
      Long parent = at.parentId();
      at = parent == null ? null : table.snapshot(parent);
    }
    Collections.reverse(snapshots);
    return at == null ? null : snapshots;
  }

  private Rebased onto(Snapshot head, Consumer<List<String>> creating) {
    change.removed().forEach(this::checkRemoved);
    List<DeleteFile> kept = new ArrayList<>();
    List<DeleteFile> uniting = new ArrayList<>();
    List<DeleteFile> positions = new ArrayList<>();
    for (DeleteFile mine : change.deletes()) {
      if (ContentFileUtil.isDV(mine)) {
        (unite(mine) ? uniting : kept).add(mine);
      } else {
        kept.add(mine);
        positions.add(mine);
      }
    }
    checkPositions(positions);
    List<String> written = new ArrayList<>();
    List<DeleteFile> deletes = new ArrayList<>(kept);
    deletes.addAll(write(uniting, creating, written));
    return new Rebased(rebased(head, deletes), written, leftOut(uniting, deletes));
  }

  private RowChange rebased(Snapshot head, List<DeleteFile> deletes) {
    List<DeleteFile> superseded =
        new ArrayList<>(change.superseded().stream().filter(file -> !isReplaced(file)).toList());
    superseded.addAll(outdated);
    return new RowChange(
        change.branch(),
        change.added(),
        change.removed(),
        deletes,
        superseded,
        change.referenced(),
        head.snapshotId(),
        change.read(),
        change.isolation(),
        change.summary());
  }

  /** Whether what the change supersedes has gone already, into one that it supersedes now. */
  private boolean isReplaced(DeleteFile file) {
    return since.isRemoved(file)
        && outdatedOf.contains(ContentFileUtil.referencedDataFileLocation(file));
  }

  /** A file goes whole: rows of it that others marked since must not come back. */
  private void checkRemoved(DataFile file) {
    List<DeleteFile> theirs = since.besides(file, file.location());
    if (!theirs.isEmpty()
        && since.mustBeApart(file.location(), theirs)
        && (theirs.stream().anyMatch(ContentFileUtil::isFileScoped)
            || marks.of(theirs, file.location()).isNotEmpty())) {
      throw since.conflict("rows of a file that it replaces were deleted", file.location());
    }
    addOutdated(file.location(), theirs);
  }

  /** Whether the vector has to be written anew, with what others marked since. */
  private boolean unite(DeleteFile mine) {
    String dataFile = mine.referencedDataFile();
    List<DeleteFile> theirs = since.besides(mine, dataFile);
    if (theirs.isEmpty()) {
      return false;
    }
    PositionDeleteIndex all = marks.of(List.of(mine), dataFile);
    PositionDeleteIndex others = marks.of(theirs, dataFile);
    if (since.mustBeApart(dataFile, theirs)) {
      requireApart(all, before(dataFile), others, dataFile);
    }
    others.forEach(all::delete);
    united.put(dataFile, all);
    addOutdated(dataFile, theirs);
    return true;
  }

  /** What others wrote for the file alone goes, into the change's own vector or with the file. */
  private void addOutdated(String dataFile, List<DeleteFile> theirs) {
    outdatedOf.add(dataFile);
    theirs.stream()
        .filter(file -> ContentFileUtil.isFileScoped(file) && !since.isRemoved(file))
        .forEach(outdated::add);
  }

  /** Returns the rows that were marked already where the change looked. */
  private PositionDeleteIndex before(String dataFile) {
    return marks.of(
        change.superseded().stream()
            .filter(file -> dataFile.equals(ContentFileUtil.referencedDataFileLocation(file)))
            .toList(),
        dataFile);
  }

  private void requireApart(
      PositionDeleteIndex mine,
      PositionDeleteIndex before,
      PositionDeleteIndex theirs,
      String dataFile) {
    List<Long> both = new ArrayList<>();
    mine.forEach(
        position -> {
          if (theirs.isDeleted(position) && !before.isDeleted(position)) {
            both.add(position);
          }
        });
    if (!both.isEmpty()) {
      throw since.conflict(
          "others changed the same rows, %d in number, at positions %s%s"
              .formatted(
                  both.size(),
                  both.subList(0, Math.min(SHOWN, both.size())),
                  both.size() > SHOWN ? " and more" : ""),
          dataFile);
    }
  }

  private void checkPositions(List<DeleteFile> mine) {
    List<DeleteFile> byPosition =
        mine.stream().filter(file -> file.content() == FileContent.POSITION_DELETES).toList();
    if (byPosition.isEmpty()) {
      return;
    }
    if (TableUtil.formatVersion(table) > 2) {
      throw since.conflict(
          "the table was upgraded to a format whose deletes are vectors",
          byPosition.get(0).location());
    }
    Set<String> dataFiles = new HashSet<>(change.referenced());
    byPosition.stream()
        .map(ContentFileUtil::referencedDataFileLocation)
        .forEach(path -> addKnown(dataFiles, path));
    dataFiles.forEach(dataFile -> checkPositions(byPosition, dataFile));
  }

  private static void addKnown(Set<String> all, @Nullable String path) {
    if (path != null) {
      all.add(path);
    }
  }

  private void checkPositions(List<DeleteFile> all, String dataFile) {
    List<DeleteFile> mine = all.stream().filter(file -> mayName(file, dataFile)).toList();
    Map<String, DeleteFile> theirs = new LinkedHashMap<>();
    for (DeleteFile file : mine) {
      since.besides(file, dataFile).forEach(other -> theirs.put(Footprint.key(other), other));
    }
    if (!theirs.isEmpty() && since.mustBeApart(dataFile, theirs.values())) {
      requireApart(
          marks.of(mine, dataFile),
          marks.of(List.of(), dataFile),
          marks.of(theirs.values(), dataFile),
          dataFile);
    }
  }

  private static boolean mayName(DeleteFile file, String dataFile) {
    String only = ContentFileUtil.referencedDataFileLocation(file);
    return only == null || only.equals(dataFile);
  }

  private List<DeleteFile> write(
      List<DeleteFile> replaced, Consumer<List<String>> creating, List<String> written) {
    if (replaced.isEmpty()) {
      return List.of();
    }
    String location =
        table.locationProvider().newDataLocation(UUID.randomUUID() + "-united.puffin");
    creating.accept(List.of(location));
    written.add(location);
    BaseDVFileWriter writer =
        new BaseDVFileWriter(() -> table.io().newOutputFile(location), path -> null);
    try {
      for (DeleteFile file : replaced) {
        String dataFile = file.referencedDataFile();
        PositionDeleteIndex all = united.get(dataFile);
        if (all != null) {
          writer.delete(dataFile, all, table.specs().get(file.specId()), file.partition());
        }
      }
      writer.close();
      return writer.result().deleteFiles();
    } catch (IOException e) {
      remove(table, written);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      remove(table, written);
      throw e;
    }
  }

  /** Removes files that are surely part of no table, as far as it can. */
  static void remove(Table table, List<String> locations) {
    for (String location : locations) {
      try {
        table.io().deleteFile(location);
      } catch (RuntimeException e) {
        LOG.warn("Cannot remove {}, which no table needs", location, e);
      }
    }
  }

  /** Returns the files of vectors none of which is part of the change any more. */
  private static List<String> leftOut(List<DeleteFile> replaced, List<DeleteFile> deletes) {
    Set<String> parts = new HashSet<>();
    deletes.forEach(file -> parts.add(file.location()));
    return replaced.stream()
        .map(DeleteFile::location)
        .distinct()
        .filter(location -> !parts.contains(location))
        .toList();
  }
}
