package dev.firn.compaction.commit;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.HashSet;
import java.util.Set;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;

/**
 * The table as the groups were read from it. Immutable.
 *
 * @param manifests the paths of the snapshot's manifests, which are known even once it has expired
 */
record Base(Snapshot snapshot, Set<String> manifests, int formatVersion, int schemaId) {
  static Base of(Table table, Snapshot snapshot) {
    Set<String> manifests = new HashSet<>();
    snapshot.allManifests(table.io()).forEach(manifest -> manifests.add(manifest.path()));
    return new Base(snapshot, manifests, TableUtil.formatVersion(table), table.schema().schemaId());
  }

  /** Outputs of an older format lack the row ids that the sources have got by now. */
  void requireSameFormat(Table table) {
    int now = TableUtil.formatVersion(table);
    if (now != formatVersion) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot compact "
              + table.name()
              + ": its format was changed meanwhile, expected version "
              + formatVersion
              + ", got "
              + now
              + "; nothing was changed, run again");
    }
  }
}
