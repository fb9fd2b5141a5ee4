package dev.firn.catalog.commit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.InclusiveMetricsEvaluator;
import org.apache.iceberg.expressions.Projections;

/**
 * What the changes of one snapshot touch, to tell whether another could share it. Confined.
 *
 * <p>A change that read the table shares a snapshot only where Iceberg, had it come one snapshot
 * later, would surely have found no conflict: it removes, marks and supersedes other files than
 * those before it, no delete file came where it read, and, under serializable isolation, no row.
 */
final class Footprint {
  private final Set<String> removed = new HashSet<>();
  private final Set<String> marked = new HashSet<>();
  private final Set<String> superseded = new HashSet<>();
  private final List<DataFile> added = new ArrayList<>();
  private final List<DeleteFile> deletes = new ArrayList<>();

  void add(RowChange change) {
    change.removed().forEach(file -> removed.add(file.location()));
    marked.addAll(marks(change));
    change.superseded().forEach(file -> superseded.add(key(file)));
    added.addAll(change.added());
    deletes.addAll(change.deletes());
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
    Matcher matcher = new Matcher(change.read(), metadata);
    return deletes.stream().noneMatch(matcher::matchesPartition)
        && (added.isEmpty()
            || change.isolation() == IsolationLevel.SNAPSHOT
            || added.stream().noneMatch(matcher::matchesRows));
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
  private static String key(DeleteFile file) {
    return file.location() + '@' + file.contentOffset();
  }

  /** Tells whether a file may hold rows that a filter matches; in doubt it may. */
  private static final class Matcher {
    private final Expression filter;
    private final TableMetadata metadata;
    private final InclusiveMetricsEvaluator metrics;
    private final Map<Integer, Evaluator> partitions = new HashMap<>();

    Matcher(Expression filter, TableMetadata metadata) {
      this.filter = filter;
      this.metadata = metadata;
      this.metrics = new InclusiveMetricsEvaluator(metadata.schema(), filter);
    }

    boolean matchesRows(DataFile file) {
      return matchesPartition(file) && metrics.eval(file);
    }

    boolean matchesPartition(ContentFile<?> file) {
      return partitions.computeIfAbsent(file.specId(), this::evaluator).eval(file.partition());
    }

    private Evaluator evaluator(int specId) {
      PartitionSpec spec = metadata.spec(specId);
      Expression projected =
          spec.isUnpartitioned()
              ? Expressions.alwaysTrue()
              : Projections.inclusive(spec).project(filter);
      return new Evaluator(spec.partitionType(), projected);
    }
  }
}
