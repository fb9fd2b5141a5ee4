package dev.firn.bench;

import dev.firn.bench.commit.CommitSuite;
import dev.firn.bench.compact.CompactSuite;
import dev.firn.bench.measure.Report;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Suite;
import dev.firn.bench.plan.PlanSuite;
import dev.firn.bench.s3.S3Suite;
import dev.firn.bench.scan.ScanSuite;
import dev.firn.bench.upsert.UpsertSuite;
import dev.firn.bench.write.WriteSuite;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The command that {@code benchmarks/run} starts: runs one suite, the table to standard output,
 * progress to standard error. Exits with 1 where results were not equal, with 2 for wrong usage.
 */
public final class Benchmarks {
  private static final List<Suite> SUITES =
      List.of(
          new ScanSuite(),
          new WriteSuite(),
          new CommitSuite(),
          new S3Suite(),
          new UpsertSuite(),
          new PlanSuite(),
          new CompactSuite());

  private Benchmarks() {}

  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("firn.root", "."));
    Path data = root.resolve("benchmarks/target/data");
    System.exit(run(List.of(args), System.out, System.err, data));
  }

  /** Runs the command, with its data below {@code data}. */
  static int run(List<String> args, PrintStream out, PrintStream progress, Path data)
      throws Exception {
    String name = null;
    Path json = null;
    boolean quick = false;
    Pattern only = Pattern.compile("");
    for (Iterator<String> words = args.iterator(); words.hasNext(); ) {
      String word = words.next();
      if (word.equals("--quick")) {
        quick = true;
      } else if (word.equals("--json") && words.hasNext()) {
        json = Path.of(words.next());
      } else if (word.equals("--only") && words.hasNext()) {
        only = Pattern.compile(words.next());
      } else if (name == null && !word.startsWith("-")) {
        name = word;
      } else {
        return usage(progress);
      }
    }
    Optional<Suite> suite = suite(name);
    if (suite.isEmpty()) {
      return usage(progress);
    }
    Report report = run(suite.get(), new Run(data, quick, only, progress));
    report.printTable(out);
    if (json != null) {
      report.writeJson(json);
    }
    return report.allCorrect() ? 0 : 1;
  }

  private static Report run(Suite suite, Run run) throws Exception {
    suite.run(run);
    String commit = System.getProperty("firn.commit", "unknown");
    return Report.here(suite.name(), commit, run.results());
  }

  private static Optional<Suite> suite(String name) {
    return SUITES.stream().filter(suite -> suite.name().equals(name)).findFirst();
  }

  private static int usage(PrintStream progress) {
    progress.println("usage: benchmarks/run SUITE [--quick] [--only REGEX] [--json FILE]");
    progress.println();
    SUITES.forEach(suite -> progress.printf("  %-8s %s%n", suite.name(), suite.question()));
    progress.println();
    progress.println("  --quick      tiny data, one round: whether everything works, not how fast");
    progress.println("  --only REGEX only the ids in which it is found");
    progress.println("  --json FILE  writes the results there too");
    return 2;
  }
}
