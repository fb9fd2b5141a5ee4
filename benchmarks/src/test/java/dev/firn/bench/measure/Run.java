package dev.firn.bench.measure;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One run of a suite: its size, its rounds, and the results so far, in order. Confined to one
 * thread.
 */
public final class Run {
  private final Path directory;
  private final boolean quick;
  private final Pattern only;
  private final Rounds rounds;
  private final PrintStream progress;
  private final List<Result> results = new ArrayList<>();

  /**
   * Data and scratch files go below {@code directory}. A quick run is a smoke test: tiny data, one
   * round. {@code only} is found in the ids that are measured.
   */
  public Run(Path directory, boolean quick, Pattern only, PrintStream progress) {
    this.directory = directory;
    this.quick = quick;
    this.only = only;
    this.rounds = quick ? new Rounds(0, 1) : new Rounds(2, 5);
    this.progress = progress;
  }

  /** Whether to measure it: asked before what is costly to prepare. */
  public boolean wants(String id) {
    return only.matcher(id).find();
  }

  /** Where to tell what is going on. */
  public PrintStream progress() {
    return progress;
  }

  public boolean quick() {
    return quick;
  }

  /** Where this run's data and scratch files are: not shared with runs of the other size. */
  public Path directory() {
    return directory.resolve(quick ? "quick" : "full");
  }

  /** Measures "× faster". */
  public void faster(String id, Side ours, Side peer, boolean correct, Map<String, Double> more)
      throws Exception {
    add(Result.faster(id, rounds.run(ours, peer), correct, more));
  }

  /** Measures "× its time". */
  public void timesIts(String id, Side ours, Side other, boolean correct) throws Exception {
    add(Result.timesIts(id, rounds.run(ours, other), correct, Map.of()));
  }

  public void add(Result result) {
    results.add(result);
    progress.println(
        String.format(
            Locale.ROOT,
            "%-44s ours %8.3f  peer %8s %-2s ratio %7.2f%s",
            result.id(),
            result.ours(),
            result.peer() == null ? "-" : String.format(Locale.ROOT, "%.3f", result.peer()),
            result.unit(),
            result.ratio(),
            result.correct() ? "" : "  NOT EQUAL"));
  }

  public List<Result> results() {
    return List.copyOf(results);
  }
}
