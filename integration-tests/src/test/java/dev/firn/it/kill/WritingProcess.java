package dev.firn.it.kill;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.StreamWriter;
import dev.firn.TableWriter;
import dev.firn.TransactionTable;
import dev.firn.TransactionWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The process that is killed: one lakehouse, one thread per writer of the {@link Script}. It says
 * {@code ready}, waits to be told to go, and then says {@code writer step} once a step is durable,
 * {@code again writer step} where one surely was not applied, {@code unknown writer step} where
 * that is open, and {@code resume writer step} where a channel goes on.
 */
final class WritingProcess {
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private final Lakehouse lake;

  private WritingProcess(Lakehouse lake) {
    this.lake = lake;
  }

  /** Arguments: warehouse, catalog, and each writer's first step, with commas. */
  public static void main(String[] args) throws Exception {
    long[] first = Arrays.stream(args[2].split(",")).mapToLong(Long::parseLong).toArray();
    try (Lakehouse lake = Lakehouse.open(Map.of("warehouse", args[0], "catalog", args[1]))) {
      WritingProcess process = new WritingProcess(lake);
      List<Thread> threads = new ArrayList<>();
      for (int writer = 0; writer < first.length; writer++) {
        int number = writer;
        threads.add(
            new Thread(() -> process.write(number, first[number]), "kill-writer-" + number));
      }
      say("ready");
      if (System.in.read() < 0) {
        return;
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  private void write(int writer, long first) {
    Script.Kind kind = Script.kind(writer, first);
    if (kind == Script.Kind.STREAM || kind == Script.Kind.UPSERT) {
      stream(writer);
      return;
    }
    for (long step = first; ; step++) {
      String what = writer + " " + step;
      while (!done(writer, step)) {
        say("again " + what);
      }
      say(what);
    }
  }

  /** Goes on where the channel's token says, and nowhere else. */
  private void stream(int writer) {
    LakeTable table = lake.table(Script.tables(writer).get(0));
    Deque<CompletableFuture<?>> underWay = new ArrayDeque<>();
    try (StreamWriter rows = table.stream("writer-" + writer)) {
      long acknowledged = rows.lastToken().map(token -> Long.parseLong(token) + 1).orElse(0L);
      say("resume " + writer + " " + acknowledged);
      for (long step = acknowledged; ; step++) {
        fill(rows, writer, step);
        underWay.add(rows.commitWithin(Duration.ZERO, Long.toString(step)));
        while (underWay.size() >= Script.atOnce(writer)) {
          underWay.remove().join();
          say(writer + " " + acknowledged++);
        }
      }
    }
  }

  private static void fill(StreamWriter rows, int writer, long step) {
    if (Script.kind(writer, step) == Script.Kind.STREAM) {
      rows.writeAll(Script.rows(writer, step));
      return;
    }
    if (step > 0) {
      rows.upsertAll(Script.rows(writer, step - 1));
    }
    if (step >= Script.UPSERTED) {
      Script.rows(writer, step - Script.UPSERTED).forEach(rows::delete);
    }
    rows.upsertAll(Script.rows(writer, step));
  }

  /** Returns false where the step surely was not applied, and may be done again. */
  private boolean done(int writer, long step) {
    try {
      run(writer, step);
      return true;
    } catch (FirnException e) {
      if (e.kind() == ErrorKind.CONFLICT) {
        return false;
      }
      if (e.kind() == ErrorKind.COMMIT_STATE_UNKNOWN) {
        say("unknown " + writer + " " + step);
      }
      throw e;
    }
  }

  private void run(int writer, long step) {
    List<String> tables = Script.tables(writer);
    switch (Script.kind(writer, step)) {
      case APPEND -> append(lake.table(tables.get(0)), writer, step);
      case DELETE ->
          lake.table(tables.get(0)).delete(and(equal("writer", writer), equal("step", step - 1)));
      case BOTH ->
          lake.transact(
              transaction -> tables.forEach(name -> append(transaction.table(name), writer, step)));
      case STREAM, UPSERT ->
          throw new IllegalArgumentException("A channel's writer does nothing else");
    }
  }

  private static void append(LakeTable table, int writer, long step) {
    try (TableWriter rows = table.append()) {
      rows.writeAll(Script.rows(writer, step));
      rows.commit();
    }
  }

  private static void append(TransactionTable table, int writer, long step) {
    try (TransactionWriter rows = table.append()) {
      rows.writeAll(Script.rows(writer, step));
      rows.commit();
    }
  }

  /** In one call to the system, so that no half of a line is ever read. */
  private static void say(String line) {
    try {
      OUT.write((line + "\n").getBytes(US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
