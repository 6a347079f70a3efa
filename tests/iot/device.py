"""A device that sends readings of three parameters and knows what it sent and what the broker took."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from datetime import UTC, datetime

import paho.mqtt.client as paho

from iot.mqtt import Broker

PARAMETERS = 3
EVERY = 250  # one reading in so many is out of its limits


def patient_client(broker: Broker, name: str) -> paho.Client:
    """A client with a session of its own that queues whatever it cannot send and comes back soon."""
    client = paho.Client(
        paho.CallbackAPIVersion.VERSION2, client_id=f"{name}-{uuid.uuid4().hex[:8]}", clean_session=False
    )
    broker.prepare(client)
    client.reconnect_delay_set(1, 1)
    client.max_queued_messages_set(0)
    return client


class Device(threading.Thread):
    """Sends until told to stop or until it sent `most` of each; what it could not deliver it delivers later."""

    def __init__(self, url: str, station: str, *, pause: float, most: int = 10**9) -> None:
        """`station` is the topic above the parameters, `pause` the seconds between readings of one parameter."""
        super().__init__(daemon=True)
        self.station, self.pause, self.most = station, pause, most
        self.sent = 0  # of each parameter
        self.acknowledged = Counter[int]()
        self.stopping = threading.Event()
        broker = Broker.from_url(url)
        self.client = patient_client(broker, "device")
        self.client.on_publish = lambda _client, _data, mid, _reason, _properties: self.acknowledged.update([mid])
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()

    @property
    def beyond(self) -> int:
        """How many of the sent readings are beyond their limits."""
        return PARAMETERS * ((self.sent + EVERY // 2 - 1) // EVERY)

    def run(self) -> None:
        """Send."""
        while self.sent < self.most and not self.stopping.is_set():
            t = datetime.now(UTC).isoformat().replace("+00:00", "Z")
            value = 9.5 if self.sent % EVERY == EVERY // 2 else 8.6 + 0.02 * (self.sent % 5 - 2)
            body = json.dumps({"v": value, "t": t, "u": "kN"})
            for number in range(PARAMETERS):
                self.client.publish(f"{self.station}/force_{number}", body, qos=1)
            self.sent += 1
            time.sleep(self.pause)

    def wait_acknowledged(self, seconds: float = 60) -> None:
        """Until the broker has taken everything that was sent."""
        deadline = time.monotonic() + seconds
        while self.acknowledged.total() < PARAMETERS * self.sent:
            assert time.monotonic() < deadline, f"the broker took {self.acknowledged.total()} of 3 x {self.sent}"
            time.sleep(0.2)
        self.client.disconnect()
        self.client.loop_stop()
