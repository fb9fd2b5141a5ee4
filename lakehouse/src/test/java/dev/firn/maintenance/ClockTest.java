package dev.firn.maintenance;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.CompactionProgress;
import dev.firn.compaction.policy.DueWork;
import dev.firn.compaction.policy.MaintenancePolicy;
import dev.firn.compaction.policy.WorkKind;
import dev.firn.testing.TableFixture;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is due goes by the ledger's clock, however far the clock of this machine is from it. */
class ClockTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final Table table = fixture.create(SCHEMA, 2);
  private Instant now = Instant.EPOCH;
  private boolean failing;

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {-100, -7, 0, 7, 100})
  void intervalsAreOfTheLedgersClock(long hoursOff) {
    now = Instant.now().plus(Duration.ofHours(hoursOff));
    append(table, row(SCHEMA, 1L));
    Maintenance maintenance = Maintenance.of(new Place());

    List<PerformedWork> first = maintenance.runOnce();

    assertThat(first).extracting(PerformedWork::kind).containsExactly(WorkKind.SWEEP.word());
    assertThat(first.get(0).endedAt()).isEqualTo(now);
    assertThat(maintenance.runOnce()).isEmpty();
    now = now.plus(Duration.ofHours(24)).minusMillis(1);
    assertThat(maintenance.runOnce()).isEmpty();
    now = now.plusMillis(1);
    assertThat(maintenance.plan().due()).hasSize(1);
    assertThat(maintenance.runOnce()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-100, -7, 0, 7, 100})
  void whatFailedIsLeftAloneByTheLedgersClock(long hoursOff) {
    now = Instant.now().plus(Duration.ofHours(hoursOff));
    failing = true;
    Maintenance maintenance = Maintenance.of(new Place());

    assertThat(maintenance.runOnce())
        .extracting(PerformedWork::outcome)
        .containsExactly(Outcome.FAILED.word());
    assertThat(maintenance.runOnce()).isEmpty();
    now = now.plusSeconds(10);
    assertThat(maintenance.runOnce()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-7, 0, 7})
  void quietHoursAreOfTheLedgersClock(long hoursOff) {
    now = Instant.now().plus(Duration.ofHours(hoursOff));
    int hour = now.atZone(ZoneOffset.UTC).getHour();
    table
        .updateProperties()
        .set(
            MaintenancePolicy.QUIET_HOURS,
            "%02d:00-%02d:00".formatted((hour + 23) % 24, (hour + 2) % 24))
        .commit();
    Maintenance maintenance = Maintenance.of(new Place());

    assertThat(maintenance.runOnce()).isEmpty();
    now = now.plus(Duration.ofHours(3));
    assertThat(maintenance.runOnce()).hasSize(1);
  }

  /** One table, and a ledger whose clock says {@code now}. */
  private final class Place implements Workplace {
    private final WorkLedger ledger = new LocalLedger(new LedgerClock());

    @Override
    public List<String> tables() {
      return List.of("db.t");
    }

    @Override
    public Optional<Site> open(String name) {
      return Optional.of(new TableSite());
    }

    @Override
    public WorkLedger ledger() {
      return ledger;
    }

    @Override
    public Runnable listen(Consumer<String> changed) {
      return () -> {};
    }

    @Override
    public Runnable own(MaintenanceService service) {
      return () -> {};
    }
  }

  /** What is due is done, or fails, and changes nothing. */
  private final class TableSite implements Site {
    @Override
    public String name() {
      return "db.t";
    }

    @Override
    public String uuid() {
      return table.uuid().toString();
    }

    @Override
    public Table table() {
      return table;
    }

    @Override
    public TableMetadata metadata() {
      return ((HasTableOperations) table).operations().current();
    }

    @Override
    public boolean can(WorkKind kind) {
      return true;
    }

    @Override
    public Result run(DueWork work, CompactionProgress progress) {
      if (failing) {
        throw new IllegalStateException("not today");
      }
      return new Result(true, Map.of());
    }
  }

  private final class LedgerClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }
}
