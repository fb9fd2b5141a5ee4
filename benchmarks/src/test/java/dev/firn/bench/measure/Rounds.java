package dev.firn.bench.measure;

import java.util.ArrayList;
import java.util.List;

/** How often each side of a comparison runs: rounds that warm up, then rounds that count. */
public record Rounds(int warmUp, int measured) {
  /** The samples of both sides. */
  public record Pair(Samples ours, Samples peer) {}

  /** Runs both sides in turn, ours first, the collector settled before each run. */
  public Pair run(Side ours, Side peer) throws Exception {
    List<Stopwatch> ourTimes = new ArrayList<>();
    List<Stopwatch> peerTimes = new ArrayList<>();
    for (int round = -warmUp; round < measured; round++) {
      Stopwatch our = once(ours);
      Stopwatch their = once(peer);
      if (round >= 0) {
        ourTimes.add(our);
        peerTimes.add(their);
      }
    }
    return new Pair(samples(ourTimes), samples(peerTimes));
  }

  private static Stopwatch once(Side side) throws Exception {
    System.gc();
    Stopwatch watch = new Stopwatch();
    side.run(watch);
    return watch;
  }

  private static Samples samples(List<Stopwatch> times) {
    return new Samples(
        times.stream().map(Stopwatch::wallSeconds).toList(),
        times.stream().map(Stopwatch::cpuSeconds).toList());
  }
}
