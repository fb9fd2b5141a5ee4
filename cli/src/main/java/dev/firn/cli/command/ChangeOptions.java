package dev.firn.cli.command;

import dev.firn.ChangeStream;
import dev.firn.FollowOptions;
import dev.firn.LakeChanges;
import dev.firn.LakeTable;
import dev.firn.ScanCursor;
import dev.firn.cli.run.Session;
import dev.firn.cli.text.PointInTime;
import dev.firn.cli.text.UnitText;
import dev.firn.cli.text.WhereText;
import dev.firn.error.FirnException;
import java.util.List;
import org.apache.iceberg.SnapshotRef;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which changes {@code scan} prints instead of rows. Filled by picocli. */
final class ChangeOptions {
  @Option(
      names = "--changes",
      description =
          "Print what changed, row by row: inserts, deletes and updates, snapshot by snapshot.")
  boolean changes;

  @Option(
      names = "--from",
      paramLabel = "POINT",
      description =
          "Changes after this state, written as for --as-of (default: all; with --follow: from now on).")
  @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "POINT",
      description = "Changes up to this state, that included (default: the newest).")
  @Nullable String to;

  @Option(names = "--net", description = "Only what differs between the two ends.")
  boolean net;

  @Option(
      names = "--follow",
      description = "Print changes as they come, until Ctrl-C; the last token goes to stderr.")
  boolean follow;

  @Option(
      names = "--token",
      paramLabel = "FILE",
      description =
          "Go on after the token in the file, where there is one; keep it after each snapshot printed.")
  @Nullable String token;

  @Option(
      names = "--poll",
      paramLabel = "TIME",
      description = "How often to look for commits of others while following (default: 1s).")
  @Nullable String poll;

  private @Nullable String branch;

  /** Whether changes are asked for; fails where the options do not go together. */
  boolean wanted(PointOptions point) {
    boolean wanted = changes || follow;
    if (!wanted && (from != null || to != null || net || token != null || poll != null)) {
      throw FirnException.invalid(
          "Cannot use --from, --to, --net, --token or --poll alone: expected --changes or --follow with them");
    }
    if (follow && (to != null || net)) {
      throw FirnException.invalid(
          "Cannot use --to or --net with --follow: what comes has no end; use --changes");
    }
    if (!follow && (token != null || poll != null)) {
      throw FirnException.invalid("Cannot use --token or --poll without --follow");
    }
    if (wanted && !point.isHead()) {
      throw FirnException.invalid(
          "Cannot read changes of one state: use --from and --to, or --branch, instead of --as-of, --snapshot, --tag or --ref");
    }
    branch = point.branch();
    return wanted;
  }

  /** Prints them. */
  void print(
      String table,
      List<String> select,
      @Nullable String where,
      @Nullable Long limit,
      Session session) {
    LakeTable lake = session.table(table);
    LakeChanges read = lake.changes();
    if (branch != null) {
      read = read.branch(branch);
    }
    if (where != null) {
      read = read.where(WhereText.parse(where, lake.schema()));
    }
    if (!select.isEmpty()) {
      read = read.select(select);
    }
    long most = limit == null ? Long.MAX_VALUE : Checks.notNegative("--limit", limit);
    if (follow) {
      follow(read, most, session);
    } else {
      read = ends(read, from, to, session);
      print(net ? read.net() : read, most, session);
    }
  }

  /** The changes between two states; null where one is not given. */
  static LakeChanges ends(
      LakeChanges changes, @Nullable String from, @Nullable String to, Session session) {
    LakeChanges after = from == null ? changes : from(changes, from, session);
    if (to == null) {
      return after;
    }
    PointInTime end = PointInTime.parse(to, session.clock());
    if (end instanceof PointInTime.Snapshot snapshot) {
      return after.to(snapshot.id());
    }
    return end instanceof PointInTime.At at
        ? after.to(at.instant())
        : after.toRef(((PointInTime.Ref) end).name());
  }

  private static LakeChanges from(LakeChanges changes, String text, Session session) {
    PointInTime start = PointInTime.parse(text, session.clock());
    if (start instanceof PointInTime.Snapshot snapshot) {
      return changes.from(snapshot.id());
    }
    return start instanceof PointInTime.At at
        ? changes.from(at.instant())
        : changes.fromRef(((PointInTime.Ref) start).name());
  }

  static void print(LakeChanges changes, long limit, Session session) {
    try (ScanCursor rows = changes.open();
        ChangePrinter printer = new ChangePrinter(session, limit)) {
      boolean all = printer.print(rows);
      printer.end();
      if (!all) {
        session.message("More changes follow; --limit ended the output");
      }
    }
  }

  private void follow(LakeChanges changes, long limit, Session session) {
    TokenFile file = token == null ? null : new TokenFile(session.host().directory(), token);
    String stored = file == null ? null : file.read();
    LakeChanges start = changes;
    if (stored != null) {
      start = changes.fromToken(stored);
    } else if (from != null) {
      start = from(changes, from, session);
    } else {
      start = changes.fromRef(branch == null ? SnapshotRef.MAIN_BRANCH : branch);
    }
    FollowOptions options = FollowOptions.DEFAULT;
    if (poll != null) {
      options = options.poll(UnitText.duration(poll));
    }
    try (ChangeStream stream = start.follow(options)) {
      session.onInterrupt(stream::close);
      new Following(stream, file, limit, session).run();
    }
  }
}
