"""The simulator, health and metrics."""

from tests.phones import Town


def test_the_simulator_sends_and_shows(town: Town) -> None:
    page = town.client.get("/simulator")
    assert page.status_code == 200 and "Test Aid" in page.text and "script-src" not in page.headers
    body = {"phone": "+12025550111", "channel": "sms", "text": "the food queue takes five hours"}
    assert town.client.post("/simulator/send", json=body).status_code == 200
    town.work()
    thread = town.client.get("/simulator/thread?phone=%2B12025550111&channel=sms").json
    assert [line["out"] for line in thread] == [False, True, True]
    assert thread[1]["state"] == "delivered" and thread[1]["segments"] >= 1
    assert town.api.requests == []


def test_a_link_lays_one_phone_before_the_visitor(town: Town) -> None:
    page = town.client.get("/simulator?phone=%2B12025550123&channel=whatsapp").text
    assert 'data-phone="+12025550123" data-channel="sms" data-asked="1"' in page and 'value="whatsapp" checked' in page
    assert town.client.get("/simulator?phone=%2B12025550112").text.count("data-phone") + 1 == page.count("data-phone")
    odd = town.client.get("/simulator?phone=%22%3E%3Cscript%3E&channel=%22%3E").text
    assert "data-asked" not in odd and "><script>" not in odd


def test_the_simulator_refuses_what_it_should(town: Town) -> None:
    good = {"phone": "+12025550111", "channel": "sms", "text": "hi"}
    for change in ({"phone": "x"}, {"channel": "fax"}, {"text": ""}, {"text": "x" * 1601}, {"text": None}):
        assert town.client.post("/simulator/send", json={**good, **change}).status_code == 400
    assert town.client.post("/simulator/send", data="no json").status_code == 400
    other = town.client.post("/simulator/send", json=good, headers={"Origin": "https://elsewhere.example"})
    assert other.status_code == 403


def test_the_simulator_shows_no_private_words(town: Town) -> None:
    body = {"phone": "+12025550111", "channel": "sms", "text": "my husband beats me every night"}
    town.client.post("/simulator/send", json=body)
    town.work()
    thread = town.client.get("/simulator/thread?phone=%2B12025550111&channel=sms").json
    assert thread[0]["text"] is None


def test_counting_a_draft(town: Town) -> None:
    assert town.client.post("/simulator/count", json={"text": "hello"}).json == {
        "encoding": "gsm7",
        "units": 5,
        "segments": 1,
    }


def test_health_and_metrics(town: Town) -> None:
    assert town.client.get("/healthz").status_code == 200
    ready = town.client.get("/readyz")
    assert ready.status_code == 503 and "conversations" in ready.text  # no worker runs beside this test
    town.says("+254722000001", "hello")
    metrics = town.client.get("/metrics").text
    assert 'sawti_messages{direction="in",state="done"} 1.0' in metrics
    assert town.client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403


def test_headers_keep_the_browser_strict(town: Town) -> None:
    headers = town.client.get("/simulator").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
