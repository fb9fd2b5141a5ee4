package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.ChannelMove;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One member of a group: a change of rows and what takes effect with it.
 *
 * @param change the rows that come and go
 * @param evolveTo the schema that the files were written with, where the table may lack some of its
 *     columns: they come with the rows. A conflict where a column cannot get the id that it has in
 *     the files. Null where the schema stays
 * @param channel the step of an exactly-once channel; null where the writer has none. Its {@code
 *     snapshotId} is filled in by the commit
 * @param intents the write intents that name the change's files; cleared by the commit, which fails
 *     where one has been swept
 * @param within how long the commit may wait for company: zero means at once
 */
public record CommitRequest(
    RowChange change,
    @Nullable Schema evolveTo,
    @Nullable ChannelMove channel,
    List<UUID> intents,
    Duration within) {
  public CommitRequest {
    intents = List.copyOf(intents);
  }

  /** A change alone, at once. */
  public static CommitRequest of(RowChange change) {
    return new CommitRequest(change, null, null, List.of(), Duration.ZERO);
  }
}
