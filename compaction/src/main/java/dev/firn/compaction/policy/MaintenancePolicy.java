package dev.firn.compaction.policy;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import dev.firn.storage.ByteSize;
import dev.firn.storage.TimeSpan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a table's properties {@code firn.maintenance.*} ask for. Snapshots expire by {@code
 * firn.snapshots.retention}, see {@link dev.firn.compaction.GradedRetention}.
 *
 * @param enabled whether the table is maintained at all
 * @param compaction whether files are merged
 * @param minFiles so many small files of about one size are worth a merge, at least 2
 * @param targetLag after that time fewer of them are, too
 * @param coldAfter a partition that nobody has written to for so long is merged to full size
 * @param maxBytes how much one run may rewrite; one partition is done whatever its size
 * @param share the part of the time in which the table may be worked on, above 0 and at most 1
 * @param expiry whether snapshots expire
 * @param expiryInterval where fewer than a quarter too many are there, they wait for so long
 * @param manifests whether small manifests are merged
 * @param deletes whether delete files are converted, and dangling ones removed
 * @param retentionInterval how often old rows are dropped where the table has a retention, or as
 *     often as its age where that is shorter; zero: never
 * @param sweepInterval how often to look for what dead writers left; zero: never
 * @param statistics whether distinct values are counted
 * @param statisticsInterval no more often than that
 * @param statisticsChange not before this part of the rows came or went, above 0 and at most 1
 * @param statisticsMaxBytes not of tables whose data files are larger
 * @param quietHours in them only urgent work is done
 */
public record MaintenancePolicy(
    boolean enabled,
    boolean compaction,
    int minFiles,
    Duration targetLag,
    Duration coldAfter,
    long maxBytes,
    double share,
    boolean expiry,
    Duration expiryInterval,
    boolean manifests,
    boolean deletes,
    Duration retentionInterval,
    Duration sweepInterval,
    boolean statistics,
    Duration statisticsInterval,
    double statisticsChange,
    long statisticsMaxBytes,
    QuietHours quietHours) {
  /** What the names of all its properties begin with. */
  public static final String PREFIX = "firn.maintenance.";

  public static final String ENABLED = PREFIX + "enabled";
  public static final String COMPACTION = PREFIX + "compaction.enabled";
  public static final String MIN_FILES = PREFIX + "compaction.min-files";
  public static final String TARGET_LAG = PREFIX + "compaction.target-lag";
  public static final String COLD_AFTER = PREFIX + "compaction.cold-after";
  public static final String MAX_BYTES = PREFIX + "compaction.max-bytes";
  public static final String SHARE = PREFIX + "share";
  public static final String EXPIRY = PREFIX + "expiry.enabled";
  public static final String EXPIRY_INTERVAL = PREFIX + "expiry.interval";
  public static final String MANIFESTS = PREFIX + "manifests.enabled";
  public static final String DELETES = PREFIX + "deletes.enabled";
  public static final String RETENTION_INTERVAL = PREFIX + "retention.interval";
  public static final String SWEEP_INTERVAL = PREFIX + "sweep.interval";
  public static final String STATISTICS = PREFIX + "statistics.enabled";
  public static final String STATISTICS_INTERVAL = PREFIX + "statistics.interval";
  public static final String STATISTICS_CHANGE = PREFIX + "statistics.min-change";
  public static final String STATISTICS_MAX_BYTES = PREFIX + "statistics.max-bytes";
  public static final String QUIET_HOURS = PREFIX + "quiet-hours";

  private static final List<String> KEYS =
      List.of(
          ENABLED,
          COMPACTION,
          MIN_FILES,
          TARGET_LAG,
          COLD_AFTER,
          MAX_BYTES,
          SHARE,
          EXPIRY,
          EXPIRY_INTERVAL,
          MANIFESTS,
          DELETES,
          RETENTION_INTERVAL,
          SWEEP_INTERVAL,
          STATISTICS,
          STATISTICS_INTERVAL,
          STATISTICS_CHANGE,
          STATISTICS_MAX_BYTES,
          QUIET_HOURS);

  private static final int MOST_FILES = 10_000;

  /** Of a table that says nothing. */
  public static final MaintenancePolicy DEFAULT = of(Map.of());

  /**
   * Reads a table's properties; others than its own are not looked at.
   *
   * @throws FirnException (invalid) for a value that is no such, or an unknown name, naming it
   */
  public static MaintenancePolicy of(Map<String, String> properties) {
    List<String> own = new ArrayList<>(properties.keySet());
    own.removeIf(key -> !key.startsWith(PREFIX) || KEYS.contains(key));
    if (!own.isEmpty()) {
      String unknown = own.stream().sorted().toList().get(0);
      throw FirnException.invalid(
          "Cannot read property %s: it is unknown%s"
              .formatted(unknown, NearMatch.hint(unknown, KEYS)));
    }
    return new MaintenancePolicy(
        flag(properties, ENABLED, true),
        flag(properties, COMPACTION, true),
        (int) number(properties, MIN_FILES, 16, 2, MOST_FILES),
        read(properties, TARGET_LAG, "5m", TimeSpan::parse),
        read(properties, COLD_AFTER, "1h", TimeSpan::parse),
        read(properties, MAX_BYTES, "10GB", ByteSize::parse),
        share(properties, SHARE, "0.5"),
        flag(properties, EXPIRY, true),
        read(properties, EXPIRY_INTERVAL, "1h", TimeSpan::parse),
        flag(properties, MANIFESTS, true),
        flag(properties, DELETES, true),
        read(properties, RETENTION_INTERVAL, "24h", TimeSpan::parse),
        read(properties, SWEEP_INTERVAL, "24h", TimeSpan::parse),
        flag(properties, STATISTICS, false),
        read(properties, STATISTICS_INTERVAL, "24h", TimeSpan::parse),
        share(properties, STATISTICS_CHANGE, "0.1"),
        read(properties, STATISTICS_MAX_BYTES, "100GB", ByteSize::parse),
        QuietHours.parse(QUIET_HOURS, properties.getOrDefault(QUIET_HOURS, "none")));
  }

  private static boolean flag(Map<String, String> properties, String key, boolean byDefault) {
    String text = properties.getOrDefault(key, Boolean.toString(byDefault)).strip();
    if (text.equals("true") || text.equals("false")) {
      return text.equals("true");
    }
    throw bad(key, "true or false", text);
  }

  private static long number(
      Map<String, String> properties, String key, long byDefault, long least, long most) {
    String text = properties.getOrDefault(key, Long.toString(byDefault)).strip();
    if (text.matches("\\d{1,9}")) {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw bad(key, "a number from %d to %d".formatted(least, most), text);
  }

  private static double share(Map<String, String> properties, String key, String byDefault) {
    String text = properties.getOrDefault(key, byDefault).strip();
    if (text.matches("0\\.\\d{1,6}|1(\\.0{1,6})?")) {
      double value = Double.parseDouble(text);
      if (value > 0) {
        return value;
      }
    }
    throw bad(key, "a number above 0 and at most 1", text);
  }

  private static <T> T read(
      Map<String, String> properties, String key, String byDefault, Function<String, T> parse) {
    try {
      return parse.apply(properties.getOrDefault(key, byDefault));
    } catch (FirnException e) {
      throw FirnException.invalid("Cannot read property %s: %s".formatted(key, e.getMessage()));
    }
  }

  private static FirnException bad(String key, String expected, String got) {
    return FirnException.invalid(
        "Cannot read property %s: expected %s, got '%s'".formatted(key, expected, got));
  }
}
