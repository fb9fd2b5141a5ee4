package dev.firn.catalog.commit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.TableMetadata;

/**
 * What the changes of one snapshot touch, to tell whether another could share it. Confined.
 *
 * <p>A change that read the table shares a snapshot only where there would surely have been no
 * conflict, had it come one snapshot later: it removes, marks and supersedes other files than those
 * before it, and, under serializable isolation, no row came where it read. Others become the next
 * snapshot, where {@link Rebase} looks at them row by row.
 */
final class Footprint {
  private final Set<String> removed = new HashSet<>();
  private final Set<String> marked = new HashSet<>();
  private final Set<String> superseded = new HashSet<>();
  private final List<DataFile> added = new ArrayList<>();

  void add(RowChange change) {
    change.removed().forEach(file -> removed.add(file.location()));
    marked.addAll(marks(change));
    change.superseded().forEach(file -> superseded.add(key(file)));
    added.addAll(change.added());
  }

  /** Whether a change that is no append could share the snapshot. */
  boolean admits(RowChange change, TableMetadata metadata) {
    return touchesOthers(change) && readsNothingNew(change, metadata);
  }

  private boolean touchesOthers(RowChange change) {
    Set<String> marks = marks(change);
    return marks.stream().noneMatch(path -> marked.contains(path) || removed.contains(path))
        && change.removed().stream()
            .map(ContentFile::location)
            .noneMatch(path -> marked.contains(path) || removed.contains(path))
        && change.superseded().stream().noneMatch(file -> superseded.contains(key(file)));
  }

  private boolean readsNothingNew(RowChange change, TableMetadata metadata) {
    if (added.isEmpty() || change.isolation() == IsolationLevel.SNAPSHOT) {
      return true;
    }
    ReadMatcher matcher = new ReadMatcher(change.read(), metadata.schema(), metadata.specsById());
    return added.stream().noneMatch(matcher::matchesRows);
  }

  /** Equality deletes reach rows of their own snapshot's predecessors: they go alone. */
  static boolean isAlone(RowChange change) {
    return change.deletes().stream()
        .anyMatch(file -> file.content() == FileContent.EQUALITY_DELETES);
  }

  private static Set<String> marks(RowChange change) {
    Set<String> marks = new HashSet<>(change.referenced());
    for (DeleteFile file : change.deletes()) {
      if (file.referencedDataFile() != null) {
        marks.add(file.referencedDataFile());
      }
    }
    return marks;
  }

  /** Deletion vectors share a file, each at an offset of its own. */
  static String key(DeleteFile file) {
    return file.location() + '@' + file.contentOffset();
  }
}
