package dev.firn;

import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.SweptFiles;
import dev.firn.compaction.erase.ErasureContext;
import dev.firn.format.write.FileRegistrar;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;

/** What an erasure asks of its lakehouse. Immutable. */
record Erasing(LakeTable table, Expression where, TableCommits commits) implements ErasureContext {
  @Override
  public long delete(String branch) {
    return table.deleting(where).branch(branch).run().deleted();
  }

  @Override
  public long count(String branch) {
    return table.deleting(where).branch(branch).dryRun().deleted();
  }

  @Override
  public Table load() {
    return commits.load();
  }

  @Override
  public FileRegistrar registrar(Table own) {
    return new Registration(commits.intentOf(own));
  }

  @Override
  public Runnable hold(long sequenceNumber) {
    return commits.hold(sequenceNumber);
  }

  /**
   * What dead writers left is put into quarantine first: from then on no commit can have it. Of
   * what no writer of ours has named, it is old files.
   */
  @Override
  public Collection<String> unneeded() {
    if (!commits.catalog().isOurs()) {
      return Set.of();
    }
    Sweep sweep = commits.catalog().sweep().table(table.name());
    SweepResult done = sweep.run();
    Set<String> files = new HashSet<>();
    Stream.of(done.quarantined(), done.waiting())
        .flatMap(List::stream)
        .map(SweptFiles::files)
        .forEach(files::addAll);
    table.orphans().plan().stream().map(OrphanSearch.Orphan::location).forEach(files::add);
    return Set.copyOf(files);
  }
}
