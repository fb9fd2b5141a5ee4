package dev.firn;

import dev.firn.catalog.commit.Isolation;
import dev.firn.catalog.commit.RowChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction did to the rows of one branch so far, as the one change that it comes to.
 * Confined to one thread.
 *
 * <p>How it works: what the transaction added itself and takes away again is left out; deletes by
 * position of files that it added go with them into the same snapshot, where they apply, because
 * their sequence numbers are equal.
 */
final class NetChange {
  /** The rows that a step depended on, as a filter on the columns of one schema. */
  private record Read(Expression filter, int schemaId) {}

  private final String branch;
  private final Map<String, DataFile> added = new LinkedHashMap<>();
  private final Map<String, DataFile> removed = new LinkedHashMap<>();
  private final Map<String, DeleteFile> deletes = new LinkedHashMap<>();
  private final Map<String, DeleteFile> superseded = new LinkedHashMap<>();
  private final Set<String> referenced = new LinkedHashSet<>();
  private final List<Read> reads = new ArrayList<>();
  private final Map<String, String> summary = new LinkedHashMap<>();
  private final Map<String, ContentFile<?>> written = new LinkedHashMap<>();

  private int version;
  private IsolationLevel isolation = IsolationLevel.SNAPSHOT;

  NetChange(String branch) {
    this.branch = branch;
  }

  /** Adds rows that depend on none. */
  void append(List<DataFile> files, Map<String, String> entries) {
    version++;
    files.forEach(this::add);
    summary.putAll(entries);
  }

  /** Adds a change that was made of the table with everything before it. */
  void add(RowChange change, int schemaId) {
    version++;
    for (DataFile file : change.removed()) {
      remove(file);
    }
    for (DeleteFile file : change.superseded()) {
      if (deletes.remove(key(file)) == null && !written.containsKey(file.location())) {
        superseded.put(key(file), file);
      }
    }
    for (DeleteFile file : change.deletes()) {
      deletes.put(key(file), file);
      written.put(file.location(), file);
    }
    change.referenced().stream().filter(path -> !added.containsKey(path)).forEach(referenced::add);
    change.added().forEach(this::add);
    isolation = Isolation.strictest(isolation, change.isolation());
    reads.add(new Read(change.read(), schemaId));
  }

  private void add(DataFile file) {
    added.put(file.location(), file);
    written.put(file.location(), file);
  }

  private void remove(DataFile file) {
    if (added.remove(file.location()) == null) {
      removed.put(file.location(), file);
      referenced.remove(file.location());
    }
    deletes
        .values()
        .removeIf(
            delete -> file.location().equals(ContentFileUtil.referencedDataFileLocation(delete)));
  }

  /** One Puffin file holds the vectors of many data files. */
  private static String key(DeleteFile file) {
    Long offset = file.contentOffset();
    return offset == null ? file.location() : file.location() + "#" + offset;
  }

  /** Returns a number that grows with every step. */
  int version() {
    return version;
  }

  boolean isEmpty() {
    return added.isEmpty() && removed.isEmpty() && deletes.isEmpty() && superseded.isEmpty();
  }

  /** Whether a step depended on rows that were there. */
  boolean hasRead() {
    return !reads.isEmpty();
  }

  /**
   * Returns all of it as one change.
   *
   * @param start the head of the branch when the transaction began
   * @param schemaId the schema that the change is going to be checked in
   */
  RowChange change(@Nullable Long start, int schemaId) {
    Expression read = Expressions.alwaysFalse();
    for (Read each : reads) {
      // The columns of another schema may have other names by now.
      read =
          Expressions.or(
              read, each.schemaId() == schemaId ? each.filter() : Expressions.alwaysTrue());
    }
    return new RowChange(
        branch,
        List.copyOf(added.values()),
        List.copyOf(removed.values()),
        List.copyOf(deletes.values()),
        List.copyOf(superseded.values()),
        List.copyOf(referenced),
        reads.isEmpty() ? null : start,
        read,
        isolation,
        Map.copyOf(summary));
  }

  /** Returns every file that was written. */
  List<ContentFile<?>> written() {
    return List.copyOf(written.values());
  }

  /** Returns the files that were written and are no part of the change any more. */
  List<ContentFile<?>> leftOut() {
    Set<String> parts = new LinkedHashSet<>(added.keySet());
    deletes.values().forEach(file -> parts.add(file.location()));
    Map<String, ContentFile<?>> left = new LinkedHashMap<>(written);
    left.keySet().removeAll(parts);
    return List.copyOf(left.values());
  }
}
