package dev.firn.it.kill;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The process that is killed: one lakehouse, one thread per writer of the {@link Script}. It says
 * {@code ready}, waits to be told to go, and then says {@code writer step} once a step is durable,
 * {@code again writer step why} where one surely was not applied, and {@code unknown writer step}.
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
    for (long step = first; ; step++) {
      String what = writer + " " + step;
      while (!done(writer, step)) {
        say("again " + what);
      }
      say(what);
    }
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
    LakeTable table = lake.table(Script.tables(writer).get(0));
    switch (Script.kind(writer, step)) {
      case APPEND -> append(table, writer, step);
      case DELETE -> table.delete(and(equal("writer", writer), equal("step", step - 1)));
      case STREAM, BOTH -> throw new UnsupportedOperationException();
    }
  }

  private static void append(LakeTable table, int writer, long step) {
    try (TableWriter rows = table.append()) {
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
