package dev.firn.cli.command;

import dev.firn.cli.text.UnitText;
import dev.firn.compaction.Compaction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a compaction may spend. */
final class CompactBudget {
  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      description = "Rewrite files of at most so many bytes, such as 10GB (default: no limit).")
  @Nullable String maxBytes;

  @Option(
      names = "--max-duration",
      paramLabel = "DURATION",
      description =
          "Begin nothing that would not be done in time, such as 10m (default: no limit).")
  @Nullable String maxDuration;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Work on so many threads (default: one for each processor).")
  @Nullable Integer threads;

  @Option(
      names = "--max-bytes-per-second",
      paramLabel = "SIZE",
      description = "Read no faster than that, such as 50MB (default: no limit).")
  @Nullable String maxBytesPerSecond;

  @Option(
      names = "--partial-progress",
      paramLabel = "N",
      description = "Commit after so many groups, not only at the end.")
  @Nullable Integer partialProgress;

  Compaction on(Compaction compaction) {
    int processors = Runtime.getRuntime().availableProcessors();
    Compaction within = compaction.threads(threads == null ? processors : threads);
    if (maxBytes != null) {
      within = within.maxBytes(UnitText.bytes(maxBytes));
    }
    if (maxDuration != null) {
      within = within.maxDuration(UnitText.duration(maxDuration));
    }
    if (maxBytesPerSecond != null) {
      within = within.maxBytesPerSecond(UnitText.bytes(maxBytesPerSecond));
    }
    return partialProgress == null ? within : within.partialProgress(partialProgress);
  }
}
