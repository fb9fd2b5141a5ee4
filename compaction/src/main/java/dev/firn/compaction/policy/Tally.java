package dev.firn.compaction.policy;

import java.util.Arrays;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Counts of live files: of one partition in one manifest, or summed. Mutable, confined to one
 * thread.
 *
 * <p>Small files are counted in tiers too, each of eight times the size of the one before: {@link
 * #tierLimit}.
 */
final class Tally {
  static final int TIERS = 8;
  private static final long FIRST_LIMIT = 64L << 10;
  private static final int FACTOR_BITS = 3;

  long files;
  long bytes;
  long rows;
  long smallFiles;
  long smallBytes;
  long lastSequence;
  long firstSmallSequence = Long.MAX_VALUE;
  long deleteFiles;
  long equalityDeletes;
  long positionDeletes;
  long deletedRows;
  long unsortedFiles;
  long firstDataSequence = Long.MAX_VALUE;
  long firstDeleteSequence = Long.MAX_VALUE;

  /** In microseconds, of the table's retention column. */
  long oldestRow = Long.MAX_VALUE;

  final long[] tierFiles = new long[TIERS];
  final long[] tierBytes = new long[TIERS];

  /** Files of a tier are smaller than that, in bytes. */
  static long tierLimit(int tier) {
    return tier == TIERS - 1 ? Long.MAX_VALUE : FIRST_LIMIT << (FACTOR_BITS * tier);
  }

  void addData(long fileBytes, long fileRows, long sequence, boolean small) {
    files++;
    bytes += fileBytes;
    rows += fileRows;
    lastSequence = Math.max(lastSequence, sequence);
    if (small) {
      smallFiles++;
      smallBytes += fileBytes;
      firstSmallSequence = Math.min(firstSmallSequence, sequence);
      int tier = 0;
      while (fileBytes >= tierLimit(tier)) {
        tier++;
      }
      tierFiles[tier]++;
      tierBytes[tier] += fileBytes;
    }
  }

  void addDelete(DeleteFile delete, long sequence) {
    deleteFiles++;
    if (delete.content() == FileContent.EQUALITY_DELETES) {
      equalityDeletes++;
    } else {
      positionDeletes += ContentFileUtil.isDV(delete) ? 0 : 1;
      deletedRows += delete.recordCount();
    }
    lastSequence = Math.max(lastSequence, sequence);
  }

  void add(Tally other) {
    files += other.files;
    bytes += other.bytes;
    rows += other.rows;
    smallFiles += other.smallFiles;
    smallBytes += other.smallBytes;
    lastSequence = Math.max(lastSequence, other.lastSequence);
    firstSmallSequence = Math.min(firstSmallSequence, other.firstSmallSequence);
    deleteFiles += other.deleteFiles;
    equalityDeletes += other.equalityDeletes;
    positionDeletes += other.positionDeletes;
    deletedRows += other.deletedRows;
    unsortedFiles += other.unsortedFiles;
    firstDataSequence = Math.min(firstDataSequence, other.firstDataSequence);
    firstDeleteSequence = Math.min(firstDeleteSequence, other.firstDeleteSequence);
    oldestRow = Math.min(oldestRow, other.oldestRow);
    Arrays.setAll(tierFiles, i -> tierFiles[i] + other.tierFiles[i]);
    Arrays.setAll(tierBytes, i -> tierBytes[i] + other.tierBytes[i]);
  }
}
