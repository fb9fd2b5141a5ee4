package dev.firn.compaction.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.DeleteMarks;
import dev.firn.scan.change.DeleteIndex;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/**
 * What became of the sources since they were read. Mutable; confined to one thread; borrows the
 * allocator.
 *
 * <p>How it works: a manifest never changes, so what was in one that is still there is still there,
 * and only manifests that were not there at the last look are read. So a look needs no snapshot
 * between, and costs what others changed, not what the table holds.
 */
final class Lookout {
  private final Table table;
  private final BufferAllocator allocator;
  private final Map<String, Source> sources = new HashMap<>();
  private final LiveDeletes deletes = new LiveDeletes();
  private Set<String> seen = Set.of();
  private @Nullable Snapshot last;

  /** {@code readAt}: where the groups were planned; null where that is not known. */
  Lookout(
      Table table,
      @Nullable Snapshot readAt,
      Set<String> manifestsThen,
      List<RewrittenGroup> groups,
      BufferAllocator allocator) {
    this.table = table;
    this.allocator = allocator;
    this.last = readAt;
    this.seen = manifestsThen;
    for (RewrittenGroup group : groups) {
      for (Source source : group.sources()) {
        sources.put(source.location(), source);
        source.task().deletes().forEach(deletes::add);
      }
    }
  }

  /** Returns the snapshot of the last look; null where the table is empty. */
  @Nullable Snapshot last() {
    return last;
  }

  /** Returns the delete files that apply to the sources. */
  LiveDeletes deletes() {
    return deletes;
  }

  Set<String> locations() {
    return Set.copyOf(sources.keySet());
  }

  /** Returns how many sources others have taken out of the table. */
  long gone() {
    return sources.values().stream().filter(Source::isGone).count();
  }

  /**
   * Looks at the table's head, and carries over to the outputs what came since the last look.
   * Returns whether anything did.
   *
   * @throws FirnException CONFLICT where the table was rolled back to before the last look
   */
  boolean look() {
    Snapshot head = table.currentSnapshot();
    if (head != null && last != null && head.snapshotId() == last.snapshotId()) {
      return false;
    }
    requireDescent(head);
    List<ManifestFile> data = head == null ? List.of() : head.dataManifests(table.io());
    List<ManifestFile> deleteManifests =
        head == null ? List.of() : head.deleteManifests(table.io());
    lookForSources(data);
    lookForDeletes(deleteManifests);
    Set<String> now = paths(data);
    now.addAll(paths(deleteManifests));
    seen = now;
    last = head;
    return true;
  }

  /** Rows that a rollback brought back would be missing from the outputs. */
  private void requireDescent(@Nullable Snapshot head) {
    Snapshot before = last;
    if (before == null) {
      return;
    }
    Snapshot at = head;
    while (at != null && at.snapshotId() != before.snapshotId()) {
      Snapshot parent = at.parentId() == null ? null : table.snapshot(at.parentId());
      boolean isHistoryGone = parent == null && at.parentId() != null;
      if (isHistoryGone
          && at.sequenceNumber() > before.sequenceNumber()
          && table.snapshot(before.snapshotId()) == null) {
        return;
      }
      at = parent;
    }
    if (at == null) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot compact "
              + table.name()
              + ": it was rolled back or emptied meanwhile, expected a successor of snapshot "
              + before.snapshotId()
              + ", got "
              + (head == null ? "none" : head.snapshotId())
              + "; nothing was changed, run again");
    }
  }

  private void lookForSources(List<ManifestFile> manifests) {
    Set<String> now = paths(manifests);
    Map<String, Source> unsure = new HashMap<>();
    boolean vague = false;
    for (Source source : sources.values()) {
      String manifest = source.manifest();
      if (!source.isGone() && (manifest == null || !now.contains(manifest))) {
        unsure.put(source.location(), source);
        vague |= manifest == null;
      }
    }
    for (ManifestFile manifest : manifests) {
      if (!unsure.isEmpty() && isToRead(manifest, vague)) {
        find(manifest, unsure);
      }
    }
    unsure.values().forEach(Source::drop);
  }

  private boolean isToRead(ManifestFile manifest, boolean all) {
    return (all || !seen.contains(manifest.path()))
        && (manifest.hasAddedFiles() || manifest.hasExistingFiles());
  }

  private void find(ManifestFile manifest, Map<String, Source> unsure) {
    try (CloseableIterable<DataFile> files =
        ManifestFiles.read(manifest, table.io(), table.specs()).select(List.of("file_path"))) {
      for (DataFile file : files) {
        Source source = unsure.get(file.location());
        // A file that went and came back has rows of its own: what applied to it does not now.
        if (source != null && isSame(file, source.task().file())) {
          source.foundIn(manifest.path());
          unsure.remove(file.location());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isSame(ContentFile<?> one, ContentFile<?> other) {
    Long sequence = other.dataSequenceNumber();
    return sequence == null || sequence.equals(one.dataSequenceNumber());
  }

  private void lookForDeletes(List<ManifestFile> manifests) {
    Set<String> now = paths(manifests);
    DeleteIndex fresh = new DeleteIndex(table.specs());
    Map<String, DeleteFile> found = new HashMap<>();
    boolean vague = deletes.isVague();
    for (ManifestFile manifest : manifests) {
      if (isToRead(manifest, vague)) {
        collect(manifest, fresh, found);
      }
    }
    deletes.keep(now, found);
    DeleteMarks marks = new DeleteMarks(table.io());
    EqualityHits hits = new EqualityHits(table, allocator);
    for (Source source : sources.values()) {
      List<DeleteFile> news = new ArrayList<>();
      for (DeleteFile delete : fresh.of(source.task().file()).values()) {
        deletes.add(delete);
        if (source.isNew(delete)) {
          news.add(delete);
        }
      }
      if (!news.isEmpty() && !source.isGone()) {
        carry(source, news, marks, hits);
      }
    }
  }

  private void collect(ManifestFile manifest, DeleteIndex index, Map<String, DeleteFile> found) {
    try (CloseableIterable<DeleteFile> files =
        ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      for (DeleteFile file : files) {
        String target = DeleteIndex.target(file);
        if (target == null || sources.containsKey(target)) {
          DeleteFile kept = file.copy();
          index.add(kept);
          found.put(LiveDeletes.key(kept), kept);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void carry(
      Source source, List<DeleteFile> news, DeleteMarks marks, EqualityHits hits) {
    List<DeleteFile> positions = of(news, FileContent.POSITION_DELETES);
    List<DeleteFile> equality = of(news, FileContent.EQUALITY_DELETES);
    PositionDeleteIndex dead = marks.of(positions, source.location());
    if (!equality.isEmpty()) {
      hits.forEach(source.task(), equality, dead::delete);
    }
    source.carry(dead);
  }

  private static List<DeleteFile> of(List<DeleteFile> files, FileContent content) {
    return files.stream().filter(file -> file.content() == content).toList();
  }

  static Set<String> paths(List<ManifestFile> manifests) {
    Set<String> paths = new HashSet<>();
    manifests.forEach(manifest -> paths.add(manifest.path()));
    return paths;
  }
}
