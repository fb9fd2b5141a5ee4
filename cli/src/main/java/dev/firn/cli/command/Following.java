package dev.firn.cli.command;

import dev.firn.ChangeStream;
import dev.firn.ScanCursor;
import dev.firn.SnapshotChanges;
import dev.firn.cli.run.Session;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Prints a stream of changes until it is closed or a limit is reached. What a token names has been
 * printed and flushed. Confined to one thread.
 */
final class Following {
  private final ChangeStream stream;
  private final @Nullable TokenFile file;
  private final Session session;
  private final ChangePrinter printer;
  private String token;

  Following(ChangeStream stream, @Nullable TokenFile file, long limit, Session session) {
    this.stream = stream;
    this.file = file;
    this.session = session;
    this.printer = new ChangePrinter(session, limit);
    this.token = stream.token();
  }

  void run() {
    try {
      boolean more = !printer.full();
      while (more) {
        Optional<SnapshotChanges> next = stream.next();
        more = next.isPresent() && print(next.get());
      }
      printer.end();
    } finally {
      session.message("Token: " + token);
    }
  }

  /** Prints one snapshot's changes; false where the limit is reached. */
  private boolean print(SnapshotChanges changes) {
    boolean all;
    try (ScanCursor rows = changes.open()) {
      all = printer.print(rows);
    }
    printer.flush();
    if (all) {
      token = changes.token();
      if (file != null) {
        file.write(token);
      }
    }
    return all && !printer.full();
  }
}
