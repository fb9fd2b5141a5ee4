package dev.firn.compaction.erase;

import dev.firn.compaction.MergedDeletes;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.RewriteManifests;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ValidationException;

/**
 * Writes manifests of a branch's head anew with the entries of live files alone: those of removed
 * files keep their bounds, and so values of their rows. Confined to one thread.
 */
final class ManifestCleaning {
  private static final int ATTEMPTS = 5;

  private final Table table;

  ManifestCleaning(Table table) {
    this.table = table;
  }

  /** Returns whether there was any of these manifests. Outcomes are those of a commit. */
  boolean clean(String branch, Set<String> manifests) {
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(branch, manifests);
      } catch (ValidationException | CommitFailedException e) {
        if (attempt == ATTEMPTS) {
          throw new CommitFailedException(
              e,
              "other writers kept committing to branch %s of %s first; run again",
              branch,
              table.name());
        }
      }
    }
  }

  private boolean attempt(String branch, Set<String> manifests) {
    Table at = BranchOperations.of(table, branch);
    at.refresh();
    if (at.currentSnapshot() == null) {
      return false;
    }
    Set<String> data = new HashSet<>();
    List<List<ManifestFile>> deletes = new ArrayList<>();
    for (ManifestFile manifest : at.currentSnapshot().allManifests(at.io())) {
      if (manifests.contains(manifest.path())) {
        if (manifest.content() == ManifestContent.DATA) {
          data.add(manifest.path());
        } else {
          deletes.add(List.of(manifest));
        }
      }
    }
    if (data.isEmpty() && deletes.isEmpty()) {
      return false;
    }
    RewriteManifests rewrite = at.rewriteManifests().scanManifestsWith(DirectExecutor.INSTANCE);
    if (!data.isEmpty()) {
      rewrite.clusterBy(file -> "").rewriteIf(manifest -> data.contains(manifest.path()));
    }
    MergedDeletes cleaned = MergedDeletes.write(at, deletes);
    cleaned.addTo(rewrite);
    try {
      rewrite.commit();
    } catch (ValidationException | CommitFailedException e) {
      cleaned.remove();
      throw e;
    }
    return true;
  }
}
