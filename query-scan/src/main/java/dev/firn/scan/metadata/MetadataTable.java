package dev.firn.scan.metadata;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.iceberg.MetadataTableType;

/** The tables that describe a table; their columns are those of Iceberg's tables of that name. */
public enum MetadataTable {
  /** The retained snapshots. */
  SNAPSHOTS(MetadataTableType.SNAPSHOTS, false),
  /** Each time that a snapshot became current on main. */
  HISTORY(MetadataTableType.HISTORY, false),
  /** Branches and tags. */
  REFS(MetadataTableType.REFS, false),
  /** The metadata files that the table has gone through. */
  METADATA_LOG_ENTRIES(MetadataTableType.METADATA_LOG_ENTRIES, false),
  /** The data and delete files of one snapshot. */
  FILES(MetadataTableType.FILES, true),
  /** The data files of one snapshot. */
  DATA_FILES(MetadataTableType.DATA_FILES, true),
  /** The delete files of one snapshot. */
  DELETE_FILES(MetadataTableType.DELETE_FILES, true),
  /** The data and delete files of all retained snapshots; a file may come more than once. */
  ALL_FILES(MetadataTableType.ALL_FILES, false),
  /** The data files of all retained snapshots; a file may come more than once. */
  ALL_DATA_FILES(MetadataTableType.ALL_DATA_FILES, false),
  /** The delete files of all retained snapshots; a file may come more than once. */
  ALL_DELETE_FILES(MetadataTableType.ALL_DELETE_FILES, false),
  /** The manifests of one snapshot. */
  MANIFESTS(MetadataTableType.MANIFESTS, true),
  /** The manifests of all retained snapshots, once for each snapshot that has it. */
  ALL_MANIFESTS(MetadataTableType.ALL_MANIFESTS, false),
  /** Counts of rows and files by partition, of one snapshot. */
  PARTITIONS(MetadataTableType.PARTITIONS, true),
  /** The entries of one snapshot's manifests, those of removed files among them. */
  ENTRIES(MetadataTableType.ENTRIES, true),
  /** The entries of all manifests of the retained snapshots. */
  ALL_ENTRIES(MetadataTableType.ALL_ENTRIES, false),
  /** The rows that position delete files and deletion vectors of one snapshot delete. */
  POSITION_DELETES(MetadataTableType.POSITION_DELETES, true);

  private final MetadataTableType type;
  private final boolean travels;

  MetadataTable(MetadataTableType type, boolean travels) {
    this.type = type;
    this.travels = travels;
  }

  MetadataTableType type() {
    return type;
  }

  /** Whether the rows are those of one snapshot, so that one of the past can be asked for. */
  public boolean ofOneSnapshot() {
    return travels;
  }

  /** Returns its name as it stands behind a table's, such as {@code data_files}. */
  public String tableName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the table of that name, in any case; empty where there is none. */
  public static Optional<MetadataTable> find(String name) {
    return Arrays.stream(values()).filter(t -> t.name().equalsIgnoreCase(name)).findFirst();
  }

  /** Returns the names of all. */
  public static List<String> names() {
    return Arrays.stream(values()).map(MetadataTable::tableName).toList();
  }
}
