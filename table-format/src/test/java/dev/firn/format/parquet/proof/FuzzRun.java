package dev.firn.format.parquet.proof;

import dev.firn.format.parquet.proof.FuzzCorpus.Sample;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs cases one after the other, each within a time limit. Confined to one thread. */
final class FuzzRun implements AutoCloseable {
  private static final int SECONDS = 60;

  /** What went wrong; {@code kind} is the same for cases with the same cause. */
  record Fault(String kind, String story, boolean hung) {}

  private final Damage damage = new Damage();
  private final Map<FuzzCase.Answer, Integer> answers = new EnumMap<>(FuzzCase.Answer.class);
  private final ExecutorService threads = Executors.newFixedThreadPool(2);
  private volatile Thread worker;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          task -> {
            worker = new Thread(task, "fuzz");
            worker.setDaemon(true);
            return worker;
          });

  /** Runs the case of {@code seed}; null where it went well. */
  Fault run(Sample sample, long seed) throws InterruptedException {
    Random random = new Random(seed * 0x9e3779b97f4a7c15L);
    Damage.Damaged damaged = damage.of(sample.bytes(), random);
    String story = sample.name() + ", " + damaged.what();
    Future<FuzzCase.Answer> answer =
        executor.submit(() -> new FuzzCase(sample, threads).answer(damaged, random));
    try {
      answers.merge(answer.get(SECONDS, TimeUnit.SECONDS), 1, Integer::sum);
      return null;
    } catch (TimeoutException e) {
      StackTraceElement[] stack = worker.getStackTrace();
      return new Fault("hang", story + ": hangs at " + Arrays.toString(stack), true);
    } catch (ExecutionException e) {
      return fault(story, e.getCause());
    }
  }

  private static Fault fault(String story, Throwable thrown) {
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String place =
        Arrays.stream(cause.getStackTrace())
            .filter(frame -> frame.getClassName().startsWith("dev.firn"))
            .findFirst()
            .map(StackTraceElement::toString)
            .orElse("");
    String kind = thrown.getClass().getName() + cause.getClass().getName() + place;
    return new Fault(kind, story + "\n" + trace, false);
  }

  /** How many cases were read and refused. */
  String summary() {
    return answers.toString();
  }

  @Override
  public void close() {
    executor.shutdownNow();
    threads.shutdownNow();
  }
}
