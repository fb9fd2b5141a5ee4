package dev.firn.bench.measure;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of a report. {@code correct} only where the results of both sides were compared and
 * equal. {@code more} holds further figures by name.
 */
public record Result(
    String id,
    double ours,
    Double peer,
    String unit,
    double ratio,
    boolean correct,
    Map<String, Double> more) {
  public Result {
    more = new LinkedHashMap<>(more);
  }

  /** "× faster": the peer's median over ours. */
  static Result faster(String id, Rounds.Pair pair, boolean correct, Map<String, Double> more) {
    return of(id, pair, pair.peer().median() / pair.ours().median(), correct, more);
  }

  /** "× its time": our median over the other's. */
  static Result timesIts(String id, Rounds.Pair pair, boolean correct, Map<String, Double> more) {
    return of(id, pair, pair.ours().median() / pair.peer().median(), correct, more);
  }

  private static Result of(
      String id, Rounds.Pair pair, double ratio, boolean correct, Map<String, Double> more) {
    Map<String, Double> figures = new LinkedHashMap<>();
    figures.put("oursMin", pair.ours().min());
    figures.put("peerMin", pair.peer().min());
    figures.put("oursCpu", pair.ours().cpuMedian());
    figures.put("peerCpu", pair.peer().cpuMedian());
    figures.putAll(more);
    return new Result(id, pair.ours().median(), pair.peer().median(), "s", ratio, correct, figures);
  }
}
