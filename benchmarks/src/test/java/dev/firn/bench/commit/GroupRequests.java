package dev.firn.bench.commit;

import dev.firn.Lakehouse;
import dev.firn.Settings;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.iceberg.TableProperties;

/**
 * How many operations does the store see for one commit of a group, on a table that has had many
 * commits and on one that has had few? Correct where both are the same.
 */
final class GroupRequests {
  private static final String ID = "commit.group.requests";
  private static final int MEMBERS = 64;
  private static final int GROUPS = 10;
  private static final List<FileOperation> REQUESTS =
      List.of(FileOperation.STAT, FileOperation.OPEN, FileOperation.CREATE, FileOperation.DELETE);

  private final Run run;
  private final Places places;

  GroupRequests(Run run, Places places) {
    this.run = run;
    this.places = places;
  }

  void run() throws Exception {
    if (!run.wants(ID)) {
      return;
    }
    Map<FileOperation, Long> small = perGroup(run.quick() ? 10 : 150);
    Map<FileOperation, Long> large = perGroup(run.quick() ? 20 : 1_500);
    Map<String, Double> more = new TreeMap<>();
    large.forEach(
        (operation, count) -> more.put(operation.name().toLowerCase(Locale.ROOT), perGroup(count)));
    run.add(
        new Result(ID, total(large), total(small), "n", total(large), large.equals(small), more));
  }

  private static double perGroup(long operations) {
    return (double) operations / GROUPS;
  }

  private static double total(Map<FileOperation, Long> counts) {
    return perGroup(counts.values().stream().mapToLong(Long::longValue).sum());
  }

  /** Returns what {@value #GROUPS} groups cost more than none, after so many commits. */
  private Map<FileOperation, Long> perGroup(int commits) throws Exception {
    Place place = places.place("sqlite");
    try (Lakehouse lake = Lakehouse.open(place.settings())) {
      // Fewer than have been made, so that each commit removes one, as on any old table.
      lake.createTable(
          Tables.ORDERS.toString(),
          Tables.SCHEMA,
          table -> table.property(TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "5"));
    }
    try (LakeCatalog catalog = LakeCatalog.open(settings(place))) {
      for (int i = 0; i < commits; i++) {
        catalog.commit(Tables.ORDERS, OurCommits.append(Tables.file("before" + i)));
      }
    }
    Map<FileOperation, Long> first = count(place, 1);
    Map<FileOperation, Long> more = count(place, 1 + GROUPS);
    more.replaceAll((operation, count) -> count - first.get(operation));
    return more;
  }

  private static CatalogSettings settings(Place place) {
    return new CatalogSettings(
        Settings.DEFAULT_CATALOG_NAME, place.uri(), place.warehouse(), Map.of());
  }

  /** Counts from opening the catalog to its end: what is done after commits is done by then. */
  private static Map<FileOperation, Long> count(Place place, int groups) {
    List<FaultyFileIO> stores = new ArrayList<>();
    try (LakeCatalog catalog =
        LakeCatalog.open(
            settings(place),
            files -> {
              stores.add(new FaultyFileIO(files));
              return stores.get(0);
            })) {
      for (int i = 0; i < groups; i++) {
        group(catalog, "of" + groups + "-" + i + "-");
      }
    }
    Map<FileOperation, Long> counts = new TreeMap<>();
    REQUESTS.forEach(operation -> counts.put(operation, stores.get(0).count(operation)));
    return counts;
  }

  /** All but the last may wait for company, so that all are one group. */
  private static void group(LakeCatalog catalog, String name) {
    List<CompletableFuture<CommitReceipt>> commits = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      CommitRequest now = OurCommits.append(Tables.file(name + i));
      Duration within = i == MEMBERS - 1 ? Duration.ZERO : Duration.ofMinutes(1);
      commits.add(
          catalog.submit(
              Tables.ORDERS, new CommitRequest(now.change(), null, null, List.of(), within)));
    }
    long snapshots =
        commits.stream()
            .map(CompletableFuture::join)
            .map(CommitReceipt::snapshotId)
            .distinct()
            .count();
    if (snapshots != 1) {
      throw new IllegalStateException("Cannot count one group: there were " + snapshots);
    }
  }
}
