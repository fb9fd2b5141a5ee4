package dev.firn.bench.write;

import dev.firn.bench.data.BenchTables;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;

/**
 * A process of its own that writes {@link PartitionRows} to a table, and prints what memory that
 * took: the peak of the writer's Arrow memory, and the most heap that was in use after a
 * collection.
 */
final class PartitionWriter {
  private static final List<MemoryPoolMXBean> HEAP =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(pool -> pool.getType() == MemoryType.HEAP)
          .toList();

  private final BufferAllocator ours = new RootAllocator();
  private long peakHeap;

  private PartitionWriter() {}

  /** Takes the home of the tables, a table's name, how many rows and partitions, and a budget. */
  public static void main(String[] args) throws IOException {
    PartitionRows rows = new PartitionRows(Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    try (BenchTables tables = BenchTables.open(Path.of(args[0]))) {
      new PartitionWriter().write(tables.load(args[1]), rows, Long.parseLong(args[4]));
    }
  }

  private void write(Table table, PartitionRows rows, long arrowBytes) throws IOException {
    long start = System.nanoTime();
    List<DataFile> files;
    WriteOptions options = WriteOptions.OF_TABLE.withMemoryBytes(arrowBytes).withAllocator(ours);
    try (BufferAllocator source = new RootAllocator();
        DataWriter writer = DataWriter.open(table, options)) {
      rows.forEach(
          source,
          batch -> {
            writer.write(batch);
            noteHeap();
          });
      files = writer.complete();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    // What the writer handed over counts too.
    System.gc();
    noteHeap();
    print("arrow", ours.getPeakMemoryAllocation());
    print("heap", peakHeap);
    print("resident", resident());
    print("milliseconds", Math.round(seconds * 1000));
    AppendFiles append = table.newFastAppend();
    files.forEach(append::appendFile);
    append.commit();
  }

  private void noteHeap() {
    long used = 0;
    for (MemoryPoolMXBean pool : HEAP) {
      MemoryUsage afterCollection = pool.getCollectionUsage();
      used += afterCollection == null ? 0 : afterCollection.getUsed();
    }
    peakHeap = Math.max(peakHeap, used);
  }

  /** The most bytes of this process that were in memory at once; 0 where Linux does not tell. */
  private static long resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .sum();
    }
  }

  private static void print(String name, long value) {
    System.out.println(name + "=" + value);
  }
}
