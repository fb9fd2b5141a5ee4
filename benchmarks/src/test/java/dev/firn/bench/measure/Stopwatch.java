package dev.firn.bench.measure;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The wall and CPU time of one run, of which only what lies between {@link #start()} and {@link
 * #stop()} counts. CPU time is the whole process's: every thread, compiler and collector included.
 */
public final class Stopwatch {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private long wall;
  private long cpu;
  private long wallStart;
  private long cpuStart;

  public void start() {
    cpuStart = PROCESS.getProcessCpuTime();
    wallStart = System.nanoTime();
  }

  public void stop() {
    wall += System.nanoTime() - wallStart;
    cpu += PROCESS.getProcessCpuTime() - cpuStart;
  }

  double wallSeconds() {
    return wall / 1e9;
  }

  double cpuSeconds() {
    return cpu / 1e9;
  }
}
