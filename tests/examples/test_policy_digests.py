"""A released policy or criteria file never changes: its bytes are pinned here. A fix is a new file and a new line."""

from __future__ import annotations

import hashlib

from tests.examples.reading import CRITERIA, POLICIES

RELEASED = {
    "anthropic-rsp-1.0.yaml": "46533bfe725d2d40421dcb637b69cb5f262fa6cb510c83c9948b50f39070dea6",
    "anthropic-rsp-2.0.yaml": "7abc6275360eeeba0279f6741a179a0a4dcf741e609011039f9e4742648ce9f4",
    "anthropic-rsp-2.1.yaml": "71fb2945fbc63495d1bdc41aae7298be3dcbd2886d6c0e67ca0c56c0035628ab",
    "anthropic-rsp-2.2.yaml": "40ec017831e0c4872c123225410fdc25d202d0a9117c434041c9b0ad41080572",
    "anthropic-rsp-3.0.yaml": "0d350446941c53b0c449df7ddc376a312da28fcd13d5e34bc004181b7ec1bb5a",
    "anthropic-rsp-3.1.yaml": "b4b3f971ef22217a0cdd40efd47c1e07e5ddfb927d391e0d4d003786c3800144",
    "anthropic-rsp-3.4.yaml": "a00eb29fc73c1bf071b2b99bbc72e68ed4d1f99862a35f155cbbac69faf8695d",
    "fictional-lab-1.0.yaml": "b6c455e51fed539ee51bb757c90d394ef62ff5c58cbd21f7c842160836662bc2",
    "gdm-fsf-3.1.yaml": "dc717cf84d3c288a57a659ea72726e22935da33435c214299f6956aea48af339",
    "openai-preparedness-2.yaml": "1de14770b0f12da22ecfc69f03ced0818cbf5e712dbc5f064718b3f9b2227583",
    "anthropic-rsp-1.0-text.yaml": "6b470fcf0f7891e7fd9717bca5ea68e4835bb70080359a4dd4a7368372f9e22b",
    "anthropic-rsp-2.1-text.yaml": "6508f6ae2280062aa84c31b65a5d173a900b045ae2a43662da6897a19b957301",
    "anthropic-rsp-2.2-text.yaml": "e6626d976256e555f4ab35aed8a8a1a39ffdce60bdf78e80e5812a28cfaea6a2",
    "anthropic-rsp-3.0-text.yaml": "b8b2bf63d143e1d6f99db8ee9d53d703c6b03a3801eb441353509e5ef93d69cd",
    "anthropic-rsp-3.1-text.yaml": "8795cec3a04bbc076923d2c0d427a7a3c729ef0b4e717bb7fbe4ff12bbe5026e",
    "anthropic-rsp-3.4-text.yaml": "ee098e23e4a043dbf36d56ccfeb7f70dd25ee2f7554cd7869af93ff4c4e7245f",
    "claude-3-7-card-2.yaml": "630ba932e075698787909a34b0fad4458a39980857256257fb084cc7d93860b1",
    "claude-3-7-card.yaml": "a26f1b6ef74804807a18c5944645de83139fc7b44c3777e1dbe1d56be3606e71",
    "fictional-lab-1.0-criteria.yaml": "962559a0b20c8ca1d3a890f42e21724ee3dacc8b9d0f80cb420a9b7ba05a654f",
    "gdm-fsf-3.1-text.yaml": "d6e4a394312564fadaeec99133355a3c80cb88bb5bd200f6b939bdce7460459f",
    "openai-preparedness-2-text.yaml": "0aab35c32f561730cde46cbb73cded598f2671a29600f592907035a53be1cdc7",
}


def test_a_released_file_never_changes() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (*POLICIES, *CRITERIA)}
    assert found == RELEASED
