package dev.firn.bench.measure;

import java.util.List;

/** Seconds of the measured rounds of one side. Immutable. */
public record Samples(List<Double> wall, List<Double> cpu) {
  public Samples {
    wall = wall.stream().sorted().toList();
    cpu = cpu.stream().sorted().toList();
  }

  public double median() {
    return median(wall);
  }

  public double min() {
    return wall.get(0);
  }

  public double cpuMedian() {
    return median(cpu);
  }

  private static double median(List<Double> sorted) {
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
