package dev.firn.catalog.intent;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.Database;
import dev.firn.catalog.jdbc.Intents;
import dev.firn.catalog.jdbc.Sessions;
import dev.firn.catalog.jdbc.SweptIntents;
import dev.firn.catalog.jdbc.SweptIntents.Row;
import dev.firn.catalog.jdbc.SweptIntents.State;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.local.LocalTemporaries;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of a sweep. Thread-safe; borrows the database and the stores.
 *
 * <p>How it works: an intent goes LIVE, QUARANTINED, DELETING, gone; each arrow is one update that
 * checks where it starts. From QUARANTINED on no commit can use the files, so what no snapshot
 * reaches then, none ever will. A sweep that is killed in between leaves the intent in its state,
 * and the next one goes on from there.
 */
final class SweepSteps {
  private static final Logger LOG = LoggerFactory.getLogger(SweepSteps.class);

  private final SweptIntents swept;
  private final Intents intents;
  private final Sessions sessions;
  private final Reachable reachable;
  private final FileIO stores;

  SweepSteps(Database database, String catalog, FileIO stores) {
    this.swept = new SweptIntents(database, catalog);
    this.intents = new Intents(database, catalog);
    this.sessions = new Sessions(database);
    this.reachable = new Reachable(swept, stores, catalog);
    this.stores = stores;
  }

  /** Intents of one table at one place: its snapshots are read once for all of them. */
  private record Place(String table, String location) {}

  /** What came of it so far. */
  private static final class Outcome {
    final List<SweptFiles> quarantined = new ArrayList<>();
    final List<SweptFiles> waiting = new ArrayList<>();
    final List<SweptFiles> deleted = new ArrayList<>();
    final List<SweptFiles> kept = new ArrayList<>();
    final List<String> stillNeeded = new ArrayList<>();
    final List<String> failures = new ArrayList<>();

    SweepResult result() {
      return new SweepResult(quarantined, waiting, deleted, kept, stillNeeded, failures);
    }
  }

  SweepResult plan(@Nullable String table, Duration grace, Duration deleteAfter) {
    Outcome outcome = new Outcome();
    byPlace(of(table, swept.dead(grace)))
        .forEach(
            (place, rows) ->
                tell(needed(place, rows, outcome, false), rows, outcome.quarantined, false));
    byPlace(due(table, deleteAfter, outcome))
        .forEach(
            (place, rows) ->
                tell(needed(place, rows, outcome, true), rows, outcome.deleted, false));
    return outcome.result();
  }

  SweepResult run(@Nullable String table, Duration grace, Duration deleteAfter) {
    Outcome outcome = new Outcome();
    // What was quarantined before is dealt with first: what is taken now waits at least a sweep.
    byPlace(due(table, deleteAfter, outcome))
        .forEach((place, rows) -> delete(place, rows, deleteAfter, outcome));
    List<Row> taken =
        of(table, swept.dead(grace)).stream()
            .filter(row -> swept.quarantine(row.intent(), grace))
            // Read again: the writer may have added files until it lost the intent.
            .map(row -> swept.find(row.intent()).orElse(row))
            .toList();
    byPlace(taken)
        .forEach(
            (place, rows) ->
                tell(needed(place, rows, outcome, false), rows, outcome.quarantined, true));
    if (table == null) {
      sessions.removeDead(grace);
    }
    SweepResult result = outcome.result();
    log(result);
    return result;
  }

  private static void log(SweepResult result) {
    if (!result.quarantined().isEmpty() || !result.deleted().isEmpty()) {
      LOG.info(
          "Swept: {} intents quarantined, {} deleted, {} waiting, {} failures",
          result.quarantined().size(),
          result.deleted().size(),
          result.waiting().size(),
          result.failures().size());
    }
  }

  void undo(UUID id) {
    if (!swept.keep(id)) {
      throw new FirnException(
          ErrorKind.NOT_FOUND,
          "Cannot take back %s: no files of that id are in quarantine, or they are being deleted"
              .formatted(id));
    }
    LOG.info("Took files of {} back from quarantine", id);
  }

  private static List<Row> of(@Nullable String table, List<Row> rows) {
    return rows.stream().filter(row -> table == null || row.table().equals(table)).toList();
  }

  private static Map<Place, List<Row>> byPlace(List<Row> rows) {
    Map<Place, List<Row>> places = new LinkedHashMap<>();
    for (Row row : rows) {
      Place place = new Place(row.table(), row.tableLocation());
      places.computeIfAbsent(place, p -> new ArrayList<>()).add(row);
    }
    return places;
  }

  /** Returns what is to be deleted now; tells of the rest. */
  private List<Row> due(@Nullable String table, Duration deleteAfter, Outcome outcome) {
    Instant now = swept.time();
    List<Row> due = new ArrayList<>();
    for (Row row : of(table, swept.taken())) {
      if (row.state() == State.KEPT) {
        outcome.kept.add(SweptFiles.of(row, row.files()));
      } else if (row.state() == State.DELETING || !row.changedAt().plus(deleteAfter).isAfter(now)) {
        due.add(row);
      } else {
        outcome.waiting.add(SweptFiles.of(row, row.files()));
      }
    }
    return due;
  }

  /** Tells which files of the rows are nobody's, and takes the others out of the ledger. */
  private void tell(
      @Nullable Set<String> needed, List<Row> rows, List<SweptFiles> into, boolean clear) {
    if (needed == null) {
      rows.forEach(row -> into.add(SweptFiles.of(row, row.files())));
      return;
    }
    for (Row row : rows) {
      List<String> free = row.files().stream().filter(file -> !needed.contains(file)).toList();
      if (!free.isEmpty()) {
        into.add(SweptFiles.of(row, free));
      }
      if (clear) {
        dropNeeded(row, free);
      }
    }
  }

  private void dropNeeded(Row row, List<String> free) {
    if (free.isEmpty()) {
      intents.forget(List.of(row.intent()));
    } else if (free.size() < row.files().size()) {
      List<String> needed = new ArrayList<>(row.files());
      needed.removeAll(Set.copyOf(free));
      swept.drop(row.intent(), needed);
    }
  }

  /**
   * Returns which files tables refer to; null where that cannot be told.
   *
   * @param forGood whether they are to be deleted, so that every table is asked
   */
  private @Nullable Set<String> needed(
      Place place, List<Row> rows, Outcome outcome, boolean forGood) {
    List<String> files = rows.stream().flatMap(row -> row.files().stream()).toList();
    try {
      Reachable.Found found =
          forGood
              ? reachable.amongAll(files, place.table(), place.location())
              : reachable.among(files, place.table(), place.location());
      Set<String> needed = found.untouchable();
      for (String file : needed) {
        LOG.error(
            "A writer of {} that is dead had recorded {}, which a table refers to: it is left"
                + " alone",
            place.table(),
            file);
      }
      outcome.stillNeeded.addAll(needed);
      return needed;
    } catch (RuntimeException e) {
      outcome.failures.add(
          IcebergErrors.translate("look for files of " + place.table(), e).getMessage());
      return null;
    }
  }

  private void delete(Place place, List<Row> rows, Duration deleteAfter, Outcome outcome) {
    Set<String> needed = needed(place, rows, outcome, true);
    if (needed == null) {
      rows.forEach(row -> outcome.waiting.add(SweptFiles.of(row, row.files())));
      return;
    }
    for (Row row : rows) {
      if (swept.beginDeleting(row.intent(), deleteAfter)) {
        List<String> free = row.files().stream().filter(file -> !needed.contains(file)).toList();
        if (delete(free, outcome)) {
          intents.forget(List.of(row.intent()));
          outcome.deleted.add(SweptFiles.of(row, free));
        }
      }
    }
  }

  /** Deletes files, and what local writers left beside them; a missing one is no error. */
  private boolean delete(Collection<String> files, Outcome outcome) {
    boolean all = true;
    for (String file : files) {
      try {
        stores.deleteFile(file);
      } catch (NotFoundException e) {
        LOG.debug("{} was not there", file, e);
      } catch (RuntimeException e) {
        outcome.failures.add(IcebergErrors.translate("delete " + file, e).getMessage());
        all = false;
      }
      all &= removeTemporaries(file, outcome);
    }
    return all;
  }

  private static boolean removeTemporaries(String file, Outcome outcome) {
    try {
      LocalTemporaries.remove(file);
      return true;
    } catch (RuntimeException e) {
      outcome.failures.add(IcebergErrors.translate("delete siblings of " + file, e).getMessage());
      return false;
    }
  }
}
