package dev.firn.compaction.verify;

import dev.firn.compaction.verify.Finding.Kind;
import dev.firn.compaction.work.Crew;
import dev.firn.format.write.StatisticsFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.PartitionStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.puffin.PuffinReader;

/**
 * One verification at work: metadata and manifests first, then the files that they name, then the
 * hashes of rewrites. Confined to one thread but for its tasks.
 */
final class VerificationRun {
  private final Table table;
  private final Verification.Settings settings;
  private final List<Snapshot> snapshots;
  private final BufferAllocator allocator;
  private final Findings findings;
  private final Crew crew;
  private final Map<String, ManifestFile> manifests = new LinkedHashMap<>();
  private final Map<Long, List<String>> lists = new HashMap<>();
  private final Map<String, List<Entry>> entries = new ConcurrentHashMap<>();
  private final Map<String, Long> rowsOf = new HashMap<>();
  private final Set<String> locations = new HashSet<>();
  private final LongAdder rows = new LongAdder();
  private final LongAdder done = new LongAdder();
  private final AtomicInteger filesRead = new AtomicInteger();
  private int deletes;

  VerificationRun(
      Table table,
      Verification.Settings settings,
      List<Snapshot> snapshots,
      BufferAllocator allocator) {
    this.table = table;
    this.settings = settings;
    this.snapshots = snapshots;
    this.allocator = allocator;
    this.findings = new Findings(settings.failures());
    this.crew = new Crew(settings.executor(), settings.threads());
  }

  VerificationReport run() {
    long nextRowId = metadata();
    snapshots.forEach(this::list);
    run(manifests.values().stream().<Runnable>map(each -> () -> read(each)).toList());
    snapshots.forEach(each -> check(each, nextRowId));
    count();
    try (FileTasks tasks = fileTasks()) {
      crew.run(tasks, this::tell);
    }
    statistics();
    int hashes = settings.sample() == Integer.MAX_VALUE ? hashes() : 0;
    return new VerificationReport(
        findings.sorted(),
        findings.all(),
        snapshots.size(),
        manifests.size(),
        rowsOf.size(),
        deletes,
        filesRead.get(),
        hashes,
        rows.sum());
  }

  private void run(List<Runnable> tasks) {
    crew.run(tasks.iterator(), this::tell);
  }

  private void tell() {
    settings.progress().update(done.sum(), rows.sum());
  }

  /** Returns the row id that the next row would get. */
  private long metadata() {
    if (!(table instanceof HasTableOperations known)) {
      return Long.MAX_VALUE;
    }
    TableMetadata current = known.operations().current();
    if (current.metadataFileLocation() != null) {
      findings.there(table.io(), current.metadataFileLocation(), -1, Kind.MISSING_FILE);
    }
    for (TableMetadata.MetadataLogEntry earlier : current.previousFiles()) {
      findings.there(table.io(), earlier.file(), -1, Kind.EARLIER_METADATA);
    }
    return current.formatVersion() >= 3 ? current.nextRowId() : Long.MAX_VALUE;
  }

  private void list(Snapshot snapshot) {
    String list = snapshot.manifestListLocation();
    if (list != null && !findings.there(table.io(), list, -1, Kind.MISSING_FILE)) {
      return;
    }
    findings.reading(
        list == null ? "snapshot " + snapshot.snapshotId() : list,
        () -> {
          List<String> paths = new ArrayList<>();
          for (ManifestFile manifest : snapshot.allManifests(table.io())) {
            paths.add(manifest.path());
            manifests.put(manifest.path(), manifest);
          }
          lists.put(snapshot.snapshotId(), paths);
        });
  }

  private void read(ManifestFile manifest) {
    if (!findings.there(table.io(), manifest.path(), manifest.length(), Kind.MISSING_FILE)) {
      return;
    }
    findings.reading(
        manifest.path(),
        () -> {
          List<Entry> live = new ArrayList<>();
          try (CloseableIterable<? extends ContentFile<?>> content = open(manifest)) {
            content.forEach(file -> live.add(Entry.of(file)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          counts(manifest, live);
          entries.put(manifest.path(), live);
        });
  }

  private CloseableIterable<? extends ContentFile<?>> open(ManifestFile manifest) {
    return manifest.content() == ManifestContent.DATA
        ? ManifestFiles.read(manifest, table.io(), table.specs())
        : ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs());
  }

  private void counts(ManifestFile manifest, List<Entry> live) {
    Integer addedFiles = manifest.addedFilesCount();
    Integer existingFiles = manifest.existingFilesCount();
    if (addedFiles != null && existingFiles != null) {
      findings.require(
          Kind.MANIFEST_COUNTS,
          manifest.path(),
          "live files",
          (long) addedFiles + existingFiles,
          live.size());
    }
    Long addedRows = manifest.addedRowsCount();
    Long existingRows = manifest.existingRowsCount();
    if (addedRows != null && existingRows != null) {
      findings.require(
          Kind.MANIFEST_COUNTS,
          manifest.path(),
          "live rows",
          addedRows + existingRows,
          live.stream().mapToLong(Entry::rows).sum());
    }
  }

  private void check(Snapshot snapshot, long nextRowId) {
    List<String> paths = lists.get(snapshot.snapshotId());
    if (paths == null || !entries.keySet().containsAll(paths)) {
      // What is missing has its own finding.
      return;
    }
    SnapshotCheck check = new SnapshotCheck(snapshot, findings);
    paths.forEach(path -> entries.getOrDefault(path, List.of()).forEach(check::add));
    check.end(nextRowId);
  }

  private void count() {
    Set<String> keys = new HashSet<>();
    for (List<Entry> live : entries.values()) {
      for (Entry entry : live) {
        if (entry.isData()) {
          rowsOf.put(entry.location(), entry.rows());
        } else if (keys.add(entry.key())) {
          deletes++;
        }
      }
    }
  }

  private FileTasks fileTasks() {
    DataFileCheck data = new DataFileCheck(table, findings, allocator, crew::isStopped, rows::add);
    DeleteFileCheck deleted =
        new DeleteFileCheck(table, Collections.unmodifiableMap(rowsOf), findings, crew::isStopped);
    List<ManifestFile> readable =
        manifests.values().stream().filter(each -> entries.containsKey(each.path())).toList();
    Sample samples = new Sample(settings.sample(), rowsOf.size(), deletes);
    return new FileTasks(
        readable.iterator(), this::open, file -> check(file, data, deleted, samples));
  }

  /** Looks at a file, once. */
  private Runnable check(
      ContentFile<?> file, DataFileCheck data, DeleteFileCheck deleted, Sample samples) {
    boolean first = locations.add(file.location());
    boolean read = samples.take(file.content() == FileContent.DATA);
    return () -> {
      boolean there =
          !first
              || findings.there(
                  table.io(), file.location(), file.fileSizeInBytes(), Kind.MISSING_FILE);
      if (there && read) {
        filesRead.incrementAndGet();
        findings.reading(
            file.location(),
            () -> {
              if (file instanceof DataFile dataFile) {
                data.check(dataFile);
              } else {
                deleted.check((DeleteFile) file);
              }
            });
      }
      done.add(file.fileSizeInBytes());
    };
  }

  private void statistics() {
    Set<Long> ids = new HashSet<>();
    snapshots.forEach(each -> ids.add(each.snapshotId()));
    for (StatisticsFile file : table.statisticsFiles()) {
      if (ids.contains(file.snapshotId())
          && findings.there(table.io(), file.path(), file.fileSizeInBytes(), Kind.STATISTICS)) {
        findings.reading(file.path(), () -> blobs(file));
      }
    }
    for (PartitionStatisticsFile file : table.partitionStatisticsFiles()) {
      if (ids.contains(file.snapshotId())) {
        findings.there(table.io(), file.path(), file.fileSizeInBytes(), Kind.STATISTICS);
      }
    }
  }

  private void blobs(StatisticsFile file) {
    try (PuffinReader reader = StatisticsFiles.open(table.io(), file)) {
      Set<String> stored = new HashSet<>();
      reader.fileMetadata().blobs().forEach(b -> stored.add(b.type() + " of " + b.inputFields()));
      for (org.apache.iceberg.BlobMetadata blob : file.blobMetadata()) {
        String wanted = blob.type() + " of " + blob.fields();
        if (!stored.contains(wanted)) {
          findings.add(Kind.STATISTICS, file.path(), "blobs", wanted, stored);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int hashes() {
    List<ContentCheck> checks = new ArrayList<>();
    List<Runnable> tasks = new ArrayList<>();
    for (Snapshot snapshot : snapshots) {
      ContentCheck check =
          lists.containsKey(snapshot.snapshotId())
              ? ContentCheck.of(table, snapshot, findings)
              : null;
      if (check != null) {
        checks.add(check);
        tasks.addAll(check.tasks(allocator, rows::add));
      }
    }
    run(tasks);
    checks.forEach(ContentCheck::end);
    return checks.size();
  }
}
