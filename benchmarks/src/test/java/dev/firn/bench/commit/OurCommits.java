package dev.firn.bench.commit;

import dev.firn.Lakehouse;
import dev.firn.OpenLake;
import dev.firn.Settings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.RowChange;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;

/** Firn: a lakehouse as it is opened by default, its upkeep at work beside the commits. */
final class OurCommits implements Committer {
  private final Place place;
  private final Lakehouse lake;
  private final LakeCatalog catalog;

  private OurCommits(Place place, Lakehouse lake) {
    this.place = place;
    this.lake = lake;
    this.catalog = OpenLake.catalog(lake);
  }

  static OurCommits open(Place place) {
    OurCommits side = new OurCommits(place, open(place.settings()));
    side.create(Tables.ORDERS);
    return side;
  }

  private static Lakehouse open(Settings settings) {
    return Lakehouse.open(settings);
  }

  void create(TableIdentifier table) {
    lake.createTable(table.toString(), Tables.SCHEMA);
  }

  LakeCatalog catalog() {
    return catalog;
  }

  @Override
  public Writer writer() {
    return writer(Tables.ORDERS);
  }

  Writer writer(TableIdentifier table) {
    return file -> catalog.commit(table, append(file));
  }

  static CommitRequest append(DataFile file) {
    return CommitRequest.of(
        new RowChange(
            SnapshotRef.MAIN_BRANCH,
            List.of(file),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null,
            Expressions.alwaysFalse(),
            IsolationLevel.SERIALIZABLE,
            Map.of()));
  }

  @Override
  public List<String> paths() throws IOException {
    try (Lakehouse anew = open(place.settings())) {
      return Tables.paths(anew.table(Tables.ORDERS.toString()).iceberg());
    }
  }

  @Override
  public void close() {
    lake.close();
  }
}
