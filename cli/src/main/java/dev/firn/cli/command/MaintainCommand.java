package dev.firn.cli.command;

import dev.firn.Lakehouse;
import dev.firn.cli.output.Column;
import dev.firn.cli.output.JsonObject;
import dev.firn.cli.output.OutputFormat;
import dev.firn.cli.output.RowPrinter;
import dev.firn.cli.run.FirnCommand;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.UnitText;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.maintenance.FailedLook;
import dev.firn.maintenance.Maintenance;
import dev.firn.maintenance.MaintenanceMetrics;
import dev.firn.maintenance.MaintenancePlan;
import dev.firn.maintenance.MaintenanceService;
import dev.firn.maintenance.Outcome;
import dev.firn.maintenance.PerformedWork;
import dev.firn.maintenance.PlannedWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "maintain",
    description = {
      "Compact, expire and clean up tables as their properties firn.maintenance.* say, until"
          + " Ctrl-C.",
      "Several processes share the work: each table is worked on by one at a time."
    },
    footer = {
      "Examples:",
      "  firn maintain",
      "  firn maintain shop.orders shop.items --interval 5s",
      "  firn maintain --once --dry-run",
      "  firn maintain shop.orders --pause",
      "  firn maintain --history --output json"
    })
final class MaintainCommand implements FirnCommand {
  private static final int HISTORY = 100;
  private static final long POLL_MILLIS = 200;

  @Parameters(
      arity = "0..*",
      paramLabel = "TABLE",
      description = "The tables, as NAMESPACE.TABLE; without any, all of them, new ones included.")
  List<String> tables = new ArrayList<>();

  @Mixin DryRunOption dryRun = new DryRunOption();

  @Option(names = "--once", description = "Do what is due now, and end.")
  boolean once;

  @Option(
      names = "--interval",
      paramLabel = "DURATION",
      description = "How often to look at a table that changes rarely, such as 5s (default: 30s).")
  @Nullable String interval;

  @Option(
      names = "--pause",
      description = "Have all processes leave the tables, or the whole catalog, alone.")
  boolean pause;

  @Option(names = "--resume", description = "End a pause.")
  boolean resume;

  @Option(names = "--history", description = "List what was done, newest first.")
  boolean history;

  @Override
  public void run(Session session) {
    if (Stream.of(once, pause, resume, history).filter(on -> on).count() > 1) {
      throw FirnException.invalid(
          "Cannot maintain: expected one of --once, --pause, --resume and --history");
    }
    Lakehouse lake = session.lake();
    tables.forEach(lake::table);
    Maintenance maintenance = lake.maintenance().tables(tables);
    if (interval != null) {
      maintenance = maintenance.interval(UnitText.duration(interval));
    }
    if (dryRun.on) {
      plan(maintenance, session);
    } else if (history) {
      history(maintenance, session);
    } else if (pause || resume) {
      pause(maintenance, session);
    } else if (once) {
      once(maintenance, session);
    } else {
      serve(maintenance, session);
    }
  }

  private void plan(Maintenance maintenance, Session session) {
    MaintenancePlan plan = maintenance.plan();
    List<PlannedWork> due = plan.due();
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("table"),
                Column.text("work"),
                Column.text("urgency"),
                Column.number("gain"),
                Column.text("reason")))) {
      for (PlannedWork each : due) {
        rows.row(
            List.of(
                each.table(),
                each.work().kind().word(),
                each.work().urgency().name().toLowerCase(Locale.ROOT),
                each.work().gain(),
                each.work().reason()));
      }
      for (FailedLook each : plan.failed()) {
        rows.row(
            Arrays.<@Nullable Object>asList(
                each.table(), Maintenance.LOOK, null, null, each.error().getMessage()));
      }
    }
    session.message(due.isEmpty() ? "Nothing is due" : "Would do " + things(due.size()));
    tellPaused(maintenance, session);
    refuseFailed(plan.failed(), session);
  }

  /** The others were planned; still a script must see that some were not. */
  private static void refuseFailed(List<FailedLook> failed, Session session) {
    if (failed.isEmpty()) {
      return;
    }
    failed.forEach(each -> session.message(String.valueOf(each.error().getMessage())));
    ErrorKind kind =
        failed.get(0).error() instanceof FirnException known ? known.kind() : ErrorKind.INTERNAL;
    throw new FirnException(
        kind,
        "Cannot plan the maintenance of all tables: what is due for %s could not be found out, see above"
            .formatted(failed.stream().map(FailedLook::table).collect(Collectors.joining(", "))));
  }

  private static String things(long count) {
    return count == 1 ? "1 thing" : "%,d things".formatted(count);
  }

  private List<String> paused(Maintenance maintenance, Session session) {
    List<String> all = tables.isEmpty() ? session.lake().tables() : tables;
    return all.stream().filter(maintenance::isPaused).toList();
  }

  /** What is paused is left alone without a word otherwise. */
  private void tellPaused(Maintenance maintenance, Session session) {
    List<String> paused = paused(maintenance, session);
    if (!paused.isEmpty()) {
      session.message(
          "%s %s paused and left alone; 'firn maintain [TABLE…] --resume' ends it"
              .formatted(String.join(", ", paused), paused.size() == 1 ? "is" : "are"));
    }
  }

  private static void history(Maintenance maintenance, Session session) {
    try (RowPrinter rows =
        session.rows(
            List.of(
                Column.text("ended_at"),
                Column.text("table"),
                Column.text("work"),
                Column.text("outcome"),
                Column.number("seconds"),
                Column.text("detail")))) {
      for (PerformedWork each : maintenance.history(HISTORY)) {
        rows.row(
            Arrays.<@Nullable Object>asList(
                each.endedAt(),
                each.table(),
                each.kind(),
                each.outcome(),
                seconds(each),
                each.detail()));
      }
    }
    tellWhereAlone(maintenance, session);
  }

  private void pause(Maintenance maintenance, Session session) {
    if (!maintenance.shared()) {
      throw FirnException.invalid(
          "Cannot %s maintenance: a REST catalog has no place for it, expected one of ours (jdbc:sqlite:…, jdbc:postgresql:…); stop the process that maintains instead"
              .formatted(pause ? "pause" : "resume"));
    }
    if (pause) {
      maintenance.pause();
    } else {
      maintenance.resume();
    }
    String what = tables.isEmpty() ? "all tables" : String.join(", ", tables);
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("tables", tables);
    object.put("paused", pause);
    session.result((pause ? "Paused " : "Resumed ") + what, object);
    if (resume) {
      tellStillPaused(maintenance, session);
    }
  }

  /** A pause of one table and that of the whole catalog end each by itself. */
  private void tellStillPaused(Maintenance maintenance, Session session) {
    List<String> paused = paused(maintenance, session);
    if (!paused.isEmpty()) {
      session.message(
          tables.isEmpty()
              ? "Still paused by themselves: %s; name them to resume them"
                  .formatted(String.join(", ", paused))
              : "The whole catalog is paused still: 'firn maintain --resume' ends that");
    }
  }

  private void once(Maintenance maintenance, Session session) {
    Printer printer = new Printer(session);
    List<PerformedWork> done = maintenance.listener(printer::print).runOnce();
    session.checkInterrupted();
    long failed =
        done.stream().filter(work -> work.outcome().equals(Outcome.FAILED.word())).count();
    session.message(
        done.isEmpty()
            ? "Nothing was due"
            : "Did %s, %d failed".formatted(things(done.size()), failed));
    tellPaused(maintenance, session);
    printer.end();
    if (failed > 0) {
      throw FirnException.unavailable(
          "Cannot maintain all tables: %d of %d pieces of work failed, see above; they are tried again later"
              .formatted(failed, done.size()),
          null);
    }
  }

  /** Prints in this thread what others do, until the user asks to stop. */
  private void serve(Maintenance maintenance, Session session) {
    BlockingQueue<PerformedWork> done = new LinkedBlockingQueue<>();
    CountDownLatch stop = new CountDownLatch(1);
    session.onInterrupt(stop::countDown);
    // Stopping takes as long as it takes: this thread waits for the others.
    session.committing();
    tellWhereAlone(maintenance, session);
    tellPaused(maintenance, session);
    session.message("Maintaining; Ctrl-C stops");
    Printer printer = new Printer(session);
    MaintenanceService service = maintenance.listener(done::add).start();
    try {
      while (stop.getCount() > 0) {
        PerformedWork next = done.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (next != null) {
          printer.print(next);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      service.close();
    }
    done.forEach(printer::print);
    printer.end();
    MaintenanceMetrics metrics = service.metrics();
    session.message(
        "Stopped: %s done, %,d failed, %,d given up"
            .formatted(things(metrics.done()), metrics.failed(), metrics.abandoned()));
  }

  private static void tellWhereAlone(Maintenance maintenance, Session session) {
    if (!maintenance.shared()) {
      session.message(
          "A REST catalog keeps no leases: run one maintaining process, and expect no history");
    }
  }

  private static double seconds(PerformedWork work) {
    return Duration.between(work.startedAt(), work.endedAt()).toMillis() / 1e3;
  }

  /** Prints work as it ends: a message, or for programs a line. Confined to one thread. */
  private static final class Printer {
    private final Session session;
    private @Nullable RowPrinter rows;

    Printer(Session session) {
      this.session = session;
    }

    void print(PerformedWork work) {
      session.message(
          "%s: %s %s in %.1f s %s"
              .formatted(work.table(), work.kind(), work.outcome(), seconds(work), work.detail()));
      Map<String, @Nullable Object> object = new LinkedHashMap<>();
      object.put("ended_at", work.endedAt());
      object.put("table", work.table());
      object.put("work", work.kind());
      object.put("outcome", work.outcome());
      object.put("seconds", seconds(work));
      if (session.output().format() == OutputFormat.JSON) {
        object.put("detail", JsonObject.flat(work.detail()));
        session.output().result(object);
      } else if (session.output().format() == OutputFormat.CSV) {
        object.put("detail", work.detail());
        csv(object);
      }
    }

    private void csv(Map<String, @Nullable Object> object) {
      RowPrinter to = rows;
      if (to == null) {
        to = session.rows(object.keySet().stream().map(Column::text).toList());
        rows = to;
      }
      to.row(new ArrayList<@Nullable Object>(object.values()));
      to.flush();
    }

    void end() {
      if (rows != null) {
        rows.close();
      }
    }
  }
}
